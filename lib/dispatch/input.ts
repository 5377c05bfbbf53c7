/** What may invoke the dispatch function. All times are ISO. */
export type DispatchInput =
  | {
      /** A schedule of its own cadence: `cadence` is its key. */
      readonly kind: 'cadence';
      readonly cadence: string;
      readonly scheduledTime: string;
      /** Taken for now, to rehearse on a deployed stack; refused outside `dev`. */
      readonly at?: string;
    }
  | {
      /** The minute tick: everything due in this minute that has no schedule of its own. */
      readonly kind: 'tick';
      readonly scheduledTime: string;
      readonly at?: string;
    }
  | {
      /** Somebody asks. The same token asks once: it is remembered for 7 days. */
      readonly kind: 'demand';
      /** Ids; none: all. */
      readonly probes: readonly string[];
      readonly clientToken: string;
      /** When it was asked: the slot of the runs. Absent: when the token was first given, and now if it never was. */
      readonly askedAt?: string;
      readonly at?: string;
    };

/** What it answers. */
export type DispatchOutput = {
  /** Runs put into the queue, in the order of the plan. */
  readonly runs: readonly { readonly probe: string; readonly slot: string; readonly runId: string }[];
  readonly messages: number;
  /** Why a demand was not taken: a person's slip, and no fault of the function. Nothing is queued. */
  readonly refused?: string;
};

/** What may invoke the judge function. */
export type JudgeInput =
  | { readonly kind: 'tick'; readonly scheduledTime: string; readonly at?: string }
  /** After a change of a verdict: publish the gauges at once. */
  | { readonly kind: 'changed' };

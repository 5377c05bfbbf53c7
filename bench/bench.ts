/** A figure beside its limit: good at the limit or below it. */
export type Limit = {
  readonly what: string;
  readonly actual: number;
  readonly atMost: number;
  readonly unit: 'ms' | 'B' | '';
  /** The middle 95 % of resamplings, where noise has a say. */
  readonly range?: readonly [low: number, high: number];
};

export type Outcome = {
  readonly limits: readonly Limit[];
  /** For people: the figures that the limits are drawn from. */
  readonly text: readonly string[];
  /** For programs: the same, as plain JSON. */
  readonly figures: unknown;
};

/** Measures once. `tell` says on stderr what is under way. Rejects when the bench itself is broken. */
export type Bench = (tell: (line: string) => void) => Promise<Outcome>;

/** `unsure`: over as measured, and the noise of the measurement alone could have done it. */
export type Standing = 'within' | 'unsure' | 'over';

export const standingOf = ({ actual, atMost, range }: Limit): Standing => {
  if (actual <= atMost) return 'within';
  return range && range[0] <= atMost ? 'unsure' : 'over';
};

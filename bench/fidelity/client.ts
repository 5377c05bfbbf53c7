export type ClientName = 'plimsoll' | 'bare' | 'curl';

/** What our prober says of itself besides the samples. */
export type Notes = {
  readonly tainted: number;
  /** Samples that were tainted and done again; they are in no figure, as in any report. */
  readonly repeated: number;
  /** |phases - total| of each sample and each connection, in ms. */
  readonly phaseGapsMs: readonly number[];
};

/** Samples that follow each other on one kept-alive connection. */
export type Block = {
  /** Latency as the client tells it, minus the server's own time. */
  readonly errorsMs: readonly number[];
  readonly notes?: Notes;
};

export type Client = {
  readonly name: ClientName;
  /** Connects apart, then measures some requests one after another. */
  measure(): Promise<Block>;
};

/**
 * What to measure. Before each sample every client asks `pacerUrl`, another process, for an answer that takes a
 * millisecond: so the target has idled equally long for all. Back to back, its core never goes to sleep and answers
 * 0.1 ms sooner (seen on Linux), which is a matter of pace and not of clients.
 */
export type Work = { readonly url: string; readonly pacerUrl: string; readonly samples: number };

export type OpenClient = (work: Work) => Client;

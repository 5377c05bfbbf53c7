import type { Block, Client, ClientName } from './client.ts';

/** One block of each client, close together in time. */
export type Round = ReadonlyMap<ClientName, Block>;

export type Bounds = {
  readonly rounds: number;
  readonly withinMs: number;
  /** Rounds for nothing: the first ones of a process pay for loading and compiling. */
  readonly discarded: number;
};

/**
 * Measures the clients in turn, a block of samples each, and lets another one begin in every round: what drifts on the
 * machine meets all of them alike. Ends after `rounds`, or when `withinMs` is over.
 */
export const measureRounds = async (clients: readonly Client[], bounds: Bounds): Promise<readonly Round[]> => {
  const rounds: Round[] = [];
  const end = performance.now() + bounds.withinMs;
  for (let index = 0; index < bounds.rounds + bounds.discarded; index++) {
    const first = index % clients.length;
    const round = new Map<ClientName, Block>();
    for (const client of [...clients.slice(first), ...clients.slice(0, first)]) {
      round.set(client.name, await client.measure());
    }
    if (index >= bounds.discarded) rounds.push(round);
    if (rounds.length > 0 && performance.now() > end) break;
  }
  return rounds;
};

/** All errors of one client, in ms, ascending. */
export const errorsOf = (rounds: readonly Round[], client: ClientName): readonly number[] =>
  rounds.flatMap((round) => round.get(client)?.errorsMs ?? []).toSorted((a, b) => a - b);

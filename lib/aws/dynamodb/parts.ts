import type { Clock } from '../../probe/prober.ts';
import type { Retention } from '../../result/retention.ts';
import type { SampleStore } from '../samples.ts';
import type { Table } from './table.ts';

/** What the parts of the store work with. */
export type Parts = {
  readonly table: Table;
  readonly samples: SampleStore;
  readonly clock: Clock;
  readonly retention: Retention;
  readonly cadenceMs: (probe: string) => number | undefined;
  /** A number that grows from call to call, with a clock that stands too: the order of arrival. */
  readonly arrive: () => number;
};

/** Requests at once where a question has to ask many times. */
export const lanes = 16;

/** Arrivals of one process are strictly in order; those of several as their clocks are. */
export const arrivalsOf = (clock: Clock): (() => number) => {
  let last = 0;
  return () => {
    // Microseconds: room for a thousand of one millisecond.
    last = Math.max(last + 1, Math.round(clock.now()) * 1000);
    return last;
  };
};

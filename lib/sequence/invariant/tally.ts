import type { CheckOutcome } from '../../result/result.ts';
import { number, plural } from '../words.ts';
import { createFaults } from './observe.ts';

/** Counts what an invariant over a field saw and keeps its first fault. */
export const createTally = (field: string) => {
  let relevant = 0;
  let outside = 0;
  let inexact: string | undefined;
  const faults = createFaults();
  return {
    relevant: (): void => {
      relevant += 1;
    },
    outside: (): void => {
      outside += 1;
    },
    fault: faults.add,
    blames: (): readonly number[] | undefined => faults.first()?.frames,
    inexact: (n: number): void => {
      inexact ??= `${field} at frame #${n} is beyond 2^53, where JSON numbers are rounded: only a string of digits can be compared`;
    },
    /** `thin`: there is too little to say anything. `where` goes on with what was seen. */
    outcome: (name: string, thin: boolean, where: string): CheckOutcome => {
      const seen = `${plural(relevant, 'frame')} with ${field}${where}`;
      const fault = faults.outcome();
      if (fault) return { name, ...fault };
      if (inexact !== undefined) return { name, result: 'inconclusive', actual: inexact };
      if (thin) return { name, result: 'inconclusive', actual: `${seen}: too few to say anything` };
      return { name, result: 'pass', actual: outside > 0 ? `${seen}, ${number(outside)} without` : seen };
    },
  };
};

export type Tally = ReturnType<typeof createTally>;

import { askChild } from '../child.ts';
import type { Block, OpenClient } from './client.ts';

/** A client whose every block is the first of a new process: nothing in it is compiled yet, as in `plimsoll run`. */
export const inFreshProcess =
  (name: 'plimsoll' | 'bare'): OpenClient =>
  (work) => ({
    name,
    measure: async () => (await askChild('first-run.ts', [name, JSON.stringify(work)])) as Block,
  });

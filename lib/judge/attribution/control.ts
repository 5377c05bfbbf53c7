import type { Attribution, StepOutcome } from '../../result/result.ts';
import type { StoredRun } from '../../result/store.ts';
import { brokenStepOf } from '../attribution.ts';
import { heardFrom, placeOf } from './place.ts';

/** What a control target said. `unasked`: there was no way to ask it, which proves nothing. */
export type ControlAnswer = {
  readonly said: 'answered' | 'silent' | 'unasked';
  /** Its origin, redacted. */
  readonly target: string;
  /** The status, or why there was none: in words, redacted. */
  readonly detail: string;
};

/** A step that may have failed for our own network: it did not get through, or no byte came back. */
const isOutOfReach = (step: StepOutcome): boolean => {
  const { at } = placeOf(step);
  if (at === 'prober') return step.failure?.kind === 'prober';
  if (at === 'dns' || at === 'tcp' || at === 'tls') return step.failure !== undefined;
  return at === 'http' && step.failure?.kind === 'timeout' && !heardFrom(step);
};

/**
 * Whether a run's trouble may be our own network's, so that the control target is worth asking: all that failed was out of
 * reach, and its last pass heard nothing at all. What answered a moment ago has shown that our network works.
 */
export const mayBeOurNetwork = ({ run, passes }: StoredRun): boolean => {
  const failed = passes.flatMap(({ steps }) => steps.filter(({ status }) => status === 'failed'));
  if (run.verdict !== 'fail' && !failed.some(({ failure }) => failure?.kind === 'prober')) return false;
  if (failed.length === 0) return passes.length === 0 && run.verdict === 'fail';
  return failed.every(isOutOfReach) && !passes.at(-1)?.steps.some(heardFrom);
};

/** The origin that could not be reached, as the run knows it. */
const unreachedBy = (stored: StoredRun): string => {
  const url = brokenStepOf(stored)?.evidence?.request?.url;
  const origin = url === undefined ? undefined : URL.parse(url);
  return origin ? `${origin.protocol}//${origin.host}` : (stored.run.connections[0]?.origin ?? 'the service');
};

const withWords = (stored: StoredRun, attribution: Attribution): StoredRun => ({
  ...stored,
  run: { ...stored.run, attribution },
});

/**
 * A run with what the control target said. An answer leaves the fault with the service, or the way to it. Silence makes
 * the run inconclusive: neither could be reached, and what lies between is our own network.
 */
export const applyControl = (stored: StoredRun, { said, target, detail }: ControlAnswer): StoredRun => {
  const { run } = stored;
  const { attribution } = run;
  if (!attribution) return stored;
  if (said === 'unasked') {
    return withWords(stored, {
      ...attribution,
      words: `${attribution.words}; the control target could not be asked: ${detail}`,
    });
  }
  if (said === 'answered') {
    const words = `${attribution.words}; our own network works: the control target ${target} ${detail}`;
    return withWords(stored, { ...attribution, words, control: said });
  }
  const reason = `could not reach ${unreachedBy(stored)}, nor the control target ${target}: our own network`;
  const { phase } = attribution;
  return {
    ...stored,
    run: {
      ...run,
      verdict: 'inconclusive',
      reasons: [reason, ...run.reasons],
      attribution: {
        at: 'prober',
        words: `our own network: neither the service nor the control target ${target} could be reached (${detail})`,
        ...(phase === undefined ? {} : { phase }),
        control: said,
      },
    },
  };
};

import type { HttpFault, StopPoint } from './fault.ts';
import { sampleDelayMs } from './random.ts';
import type { Chosen } from './rules.ts';

export type HttpAction<Name extends HttpFault['action']> = Chosen<Extract<HttpFault, { action: Name }>>;

/** What is done to one HTTP exchange. */
export type HttpPlan = {
  /** Before any answer, beyond the target's own time. */
  readonly delayMs: number;
  /** Given in place of the target, which is never asked. */
  readonly instead?: HttpAction<'error' | 'refuse'>;
  readonly stop?: HttpAction<'hang' | 'cut'>;
  readonly contentType?: HttpAction<'wrong-type'>;
  readonly corrupt: readonly HttpAction<'corrupt'>[];
  readonly oversize: readonly HttpAction<'oversize'>[];
  readonly drip?: HttpAction<'drip'>;
  readonly forget: readonly HttpAction<'forget'>[];
};

const isAction =
  <Name extends HttpFault['action']>(...names: readonly Name[]) =>
  (chosen: Chosen<HttpFault>): chosen is HttpAction<Name> =>
    names.some((name) => name === chosen.fault.action);

/** Composes the chosen faults: delays add up, body edits chain, and of those that end an answer the first wins. */
export const planHttp = (chosen: readonly Chosen<HttpFault>[]): HttpPlan => {
  let delayMs = 0;
  for (const { fault, draw, hit } of chosen) {
    if (fault.action !== 'delay') continue;
    delayMs += sampleDelayMs(fault.delay, draw);
    hit();
  }
  const instead = chosen.find(isAction('error', 'refuse'));
  const stop = chosen.find(isAction('hang', 'cut'));
  const contentType = chosen.find(isAction('wrong-type'));
  const drip = chosen.find(isAction('drip'));
  return {
    delayMs,
    ...(instead ? { instead } : {}),
    ...(stop ? { stop } : {}),
    ...(contentType ? { contentType } : {}),
    corrupt: chosen.filter(isAction('corrupt')),
    oversize: chosen.filter(isAction('oversize')),
    ...(drip ? { drip } : {}),
    forget: chosen.filter(isAction('forget')),
  };
};

/** Whether the answer must be asked for uncompressed, so that its body can be edited. */
export const needsPlainBody = ({ corrupt, oversize }: HttpPlan): boolean => corrupt.length > 0 || oversize.length > 0;

/** Whether a stop at this point can be told from the answer's own end. */
export const canStop = (at: StopPoint, hasBody: boolean): boolean => at === 'headers' || hasBody;

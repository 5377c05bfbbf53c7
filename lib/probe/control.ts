import type { ControlPlan } from '../config/plan.ts';
import { applyControl, type ControlAnswer, mayBeOurNetwork } from '../judge/attribution/control.ts';
import type { StoredRun } from '../result/store.ts';
import { version } from '../version.ts';
import { createAgents } from './connection.ts';
import { type Exchange, exchange } from './exchange.ts';
import type { ProbeContext } from './prober.ts';
import { renderTargetUrl } from './request.ts';
import { TemplateError } from './template.ts';

/** Asks the control target whether our own network works. Rejects only when `signal` aborts. */
export type Control = (signal: AbortSignal) => Promise<ControlAnswer>;

const judgeExchange = (answer: Exchange, target: string, context: ProbeContext): ControlAnswer => {
  const response = 'response' in answer ? answer.response : answer.partial;
  if (response) return { said: 'answered', target, detail: `answered ${response.status}` };
  if (!('failure' in answer)) throw new Error('an exchange without an answer has a failure');
  const { kind, message } = answer.failure;
  // What the guard or the config keeps us from asking has kept silent about nothing.
  const unasked = kind === 'guard' || kind === 'template';
  return { said: unasked ? 'unasked' : 'silent', target, detail: context.redact(message) };
};

/** One request on a connection of its own; any answer over HTTP will do, and none of its body is wanted. */
const ask = async (plan: ControlPlan, context: ProbeContext, signal: AbortSignal): Promise<ControlAnswer> => {
  let url: URL;
  try {
    url = renderTargetUrl(plan.url, context.values, ['http:', 'https:']);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { said: 'unasked', target: plan.url, detail: context.redact(error.message) };
  }
  const agents = createAgents(context.guard);
  try {
    const wire = {
      method: 'HEAD',
      url,
      headers: { 'user-agent': `plimsoll/${version}` },
      tls: { verify: true },
      maxBodyBytes: 1024,
    };
    const answer = await exchange(wire, agents, context, plan.timeoutMs, signal);
    return judgeExchange(answer, context.redact(url.origin), context);
  } finally {
    agents.close();
  }
};

/** A question under way, for as long as somebody waits for it. */
type Asking = { readonly answer: Promise<ControlAnswer>; readonly stop: AbortController; waiting: number };

const orAborted = <T>(answer: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  answer.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
};

/**
 * The control target of a plan. Probes that fail side by side share one request: a network that breaks takes all of them
 * at once, and the control target is somebody else's.
 */
export const createControl = (plan: ControlPlan, context: ProbeContext): Control => {
  let asking: Asking | undefined;
  const begin = (): Asking => {
    const stop = new AbortController();
    return { answer: ask(plan, context, stop.signal), stop, waiting: 0 };
  };
  return async (signal) => {
    signal.throwIfAborted();
    asking ??= begin();
    const mine = asking;
    mine.waiting += 1;
    try {
      return await orAborted(mine.answer, signal);
    } finally {
      mine.waiting -= 1;
      if (mine.waiting === 0) {
        if (asking === mine) asking = undefined;
        mine.stop.abort(new Error('nobody waits for the control target any more'));
      }
    }
  };
};

/**
 * A judged run, after the control target was asked where the trouble may be our own network's: silent too, it is
 * inconclusive. Without a control target, or where there is nothing to ask it, the run as it is.
 */
export const withControl = async (
  stored: StoredRun,
  control: Control | undefined,
  signal: AbortSignal,
): Promise<StoredRun> => (control && mayBeOurNetwork(stored) ? applyControl(stored, await control(signal)) : stored);

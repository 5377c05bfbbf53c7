import type { IdempotentStep, Json, ProbePlan, RequestStep, Step } from '../../config/plan.ts';
import { fillTemplate } from '../../config/templates.ts';
import { type HttpMatch, methods } from '../../fault-proxy/fault.ts';
import type { Seen, SeenAnswer } from '../seen.ts';

/** What a request step asked and got, and how a fault finds it in another run. */
export type Exchange = {
  readonly step: RequestStep;
  /** The final one, after redirects and polling. */
  readonly answer: SeenAnswer;
  readonly match: HttpMatch;
  /** Number of its first answer among those that match, from 1. */
  readonly nth: number;
  /** It polls: what is done to one answer alone is polled away. */
  readonly polls: boolean;
  /** Paths that are compared with the answer before: it is the second to the same request, made by an idempotent step. */
  readonly same?: readonly string[];
};

type Values = ReadonlyMap<string, Json>;

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Takes the answers to one request from the front: its redirects, then the last. */
const takeHops = (step: RequestStep, queue: SeenAnswer[]): readonly SeenAnswer[] => {
  const hops: SeenAnswer[] = [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    hops.push(next);
    if (!redirects.has(next.status) || hops.length > step.request.maxRedirects) break;
  }
  return hops;
};

/** What of a step's path stays the same from run to run: a captured id does not. Characters with a meaning to a fault end it. */
const constantPath = (step: RequestStep, values: Values): string => {
  const known = fillTemplate(step.request.url, values).split('{{')[0] ?? '';
  const url = URL.parse(known);
  const path = url ? `${url.pathname}${url.search}` : '/';
  return /^[^"()\s]*/.exec(path)?.[0] ?? '/';
};

const matchOf = (step: RequestStep, { path, method: asked }: SeenAnswer, values: Values): HttpMatch => {
  const constant = constantPath(step, values);
  const method = methods.find((one) => one === asked);
  return { ...(method ? { method } : {}), path: path.startsWith(constant) ? constant : '/' };
};

const matches = (answer: SeenAnswer, { origin }: SeenAnswer, { method, path = '/' }: HttpMatch): boolean =>
  answer.origin === origin && (method ?? answer.method) === answer.method && answer.path.startsWith(path);

const nothing = { header: {}, cookie: {}, json: {}, tls: {} } as const;

/** What an idempotent step does several times, as a step that does it once: it expects nothing but an answer. */
export const onceOf = (step: IdempotentStep): RequestStep | undefined => {
  const { name, thresholds, capture, action } = step;
  if (action.kind !== 'request') return undefined;
  const timeoutMs = Math.min(step.timeoutMs, step.withinMs);
  return { type: 'request', name, thresholds, capture, timeoutMs, request: action.request, expect: nothing };
};

/** What a step asks over HTTP; nothing where it does not. */
const requestIn = (step: Step): RequestStep | undefined => {
  if (step.type === 'request') return step;
  return step.type === 'idempotent' ? onceOf(step) : undefined;
};

type Attempts = readonly (readonly SeenAnswer[])[];

const exchangeOf = (asked: Step, step: RequestStep, attempts: Attempts, seen: Seen, values: Values) => {
  const isRepeat = asked.type === 'idempotent';
  // A repeat is judged by the answers after the first; what polls, by the first that faults could change.
  const first = attempts[isRepeat ? 1 : 0]?.at(-1);
  const answer = isRepeat ? first : attempts.at(-1)?.at(-1);
  if (!first || !answer) return undefined;
  const match = matchOf(step, first, values);
  const upTo = seen.answers.slice(0, seen.answers.indexOf(first) + 1);
  const nth = upTo.filter((one) => matches(one, first, match)).length;
  const same = isRepeat ? { same: asked.same } : {};
  return { step, answer, match, nth, polls: step.until !== undefined, ...same };
};

/** Pairs request steps with the answers that they got: steps run one after another, and each says how often it asked. */
export const exchangesOf = (probe: ProbePlan, seen: Seen, values: Values): readonly Exchange[] => {
  const queue = [...seen.answers];
  const exchanges: Exchange[] = [];
  for (const step of probe.steps) {
    const outcome = seen.steps.find((one) => one.step === step.name);
    if (!outcome || outcome.status === 'skipped') continue;
    const asked = requestIn(step);
    if (!asked) continue;
    const attempts = Array.from({ length: outcome.attempts }, () => takeHops(asked, queue));
    const exchange = exchangeOf(step, asked, attempts, seen, values);
    if (exchange) exchanges.push(exchange);
  }
  return exchanges;
};

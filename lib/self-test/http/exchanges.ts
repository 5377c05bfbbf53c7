import type { Json, ProbePlan, RequestStep } from '../../config/plan.ts';
import { fillTemplate } from '../../config/templates.ts';
import { type HttpMatch, methods } from '../../fault-proxy/fault.ts';
import type { StepOutcome } from '../../result/result.ts';
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

/** How many answers a step took from the front of the queue that no fault is planned for. */
const othersOf = (step: ProbePlan['steps'][number]): number =>
  step.type === 'idempotent' && step.action.kind === 'request' ? step.times : 0;

const exchangeOf = (step: RequestStep, outcome: StepOutcome, queue: SeenAnswer[], seen: Seen, values: Values) => {
  const attempts = Array.from({ length: outcome.attempts }, () => takeHops(step, queue));
  const first = attempts[0]?.at(-1);
  const answer = attempts.at(-1)?.at(-1);
  if (!first || !answer) return undefined;
  const match = matchOf(step, first, values);
  const upTo = seen.answers.slice(0, seen.answers.indexOf(first) + 1);
  const nth = upTo.filter((one) => matches(one, first, match)).length;
  return { step, answer, match, nth, polls: step.until !== undefined };
};

/** Pairs request steps with the answers that they got: steps run one after another, and each says how often it asked. */
export const exchangesOf = (probe: ProbePlan, seen: Seen, values: Values): readonly Exchange[] => {
  const queue = [...seen.answers];
  const exchanges: Exchange[] = [];
  for (const step of probe.steps) {
    const outcome = seen.steps.find((one) => one.step === step.name);
    if (!outcome || outcome.status === 'skipped') continue;
    queue.splice(0, othersOf(step));
    const exchange = step.type === 'request' ? exchangeOf(step, outcome, queue, seen, values) : undefined;
    if (exchange) exchanges.push(exchange);
  }
  return exchanges;
};

import type { RequestStep } from '../config/plan.ts';
import type { MatchEngines } from '../match/engines.ts';
import type { CheckOutcome } from '../result/result.ts';
import type { Agents } from './connection.ts';
import type { CookieJar } from './cookies.ts';
import { type Exchange, exchange, type WireRequest } from './exchange.ts';
import { checkAnswer, readAnswer } from './expect.ts';
import { isSafe } from './method.ts';
import { pause } from './pause.ts';
import type { ProbeContext } from './prober.ts';
import { followRedirects } from './redirect.ts';
import { renderRequest } from './request.ts';
import type { Values } from './session.ts';

/** What a request needs to be carried out; the session's own for its whole life. */
export type Wiring = {
  readonly agents: Agents;
  readonly jar: CookieJar;
  readonly engines: MatchEngines;
  readonly context: ProbeContext;
};

type Attempt = { readonly wire: WireRequest; readonly answer: Exchange };

/** A request step carried out: its last answer, and how long it took to come by. */
export type Attempted = Attempt & {
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Of `until`: whether the state that was polled for came. */
  readonly untilChecks: readonly CheckOutcome[];
};

/** `triedMs`: what an earlier try has used of the limit. */
const send = (
  step: RequestStep,
  wire: WireRequest,
  timeoutMs: number,
  signal: AbortSignal,
  wiring: Wiring,
  triedMs = 0,
) =>
  followRedirects(wire, step.request.maxRedirects, step.request.cookies ? wiring.jar : undefined, (hop, spentMs) =>
    exchange(hop, wiring.agents, wiring.context, timeoutMs, signal, triedMs + spentMs),
  );

/** A server may close an idle connection just as we take it (RFC 9112 §9.3.1): that is nobody's outage. */
const wasStale = (answer: Exchange, wire: WireRequest): boolean =>
  'failure' in answer &&
  answer.failure.kind === 'reset' &&
  answer.reusedConnection &&
  !answer.partial &&
  isSafe(wire.method);

const attempt = async (
  step: RequestStep,
  values: Values,
  timeoutMs: number,
  signal: AbortSignal,
  wiring: Wiring,
): Promise<Attempt> => {
  const wire = await renderRequest(step.request, values, wiring.jar);
  const first = await send(step, wire, timeoutMs, signal, wiring);
  const answer = wasStale(first, wire) ? await send(step, wire, timeoutMs, signal, wiring, first.elapsedMs) : first;
  if ('response' in answer && step.request.cookies) wiring.jar.store(wire.url, answer.response.setCookies);
  return { wire, answer };
};

const checkUntil = (until: NonNullable<RequestStep['until']>, { answer }: Attempt, values: Values, wiring: Wiring) =>
  'response' in answer
    ? checkAnswer(until.expect, readAnswer(answer.response, answer.elapsedMs), values, wiring.engines, wiring.context)
    : [];

const nameUntil = (checks: readonly CheckOutcome[], attempts: number, elapsedMs: number): readonly CheckOutcome[] =>
  checks.map((check) => ({
    ...check,
    name: `until ${check.name}`,
    actual:
      check.result === 'pass' ? check.actual : `${check.actual} after ${attempts} tries in ${Math.round(elapsedMs)} ms`,
  }));

/** Sends again and again from submit to final answer. */
const poll = async (
  step: RequestStep,
  until: NonNullable<RequestStep['until']>,
  values: Values,
  signal: AbortSignal,
  wiring: Wiring,
): Promise<Attempted> => {
  const { clock } = wiring.context;
  const start = clock.monotonic();
  let last: { readonly tried: Attempt; readonly checks: readonly CheckOutcome[] } | undefined;
  for (let attempts = 1; ; attempts++) {
    const left = Math.max(1, until.withinMs - (clock.monotonic() - start));
    const tried = await attempt(step, values, Math.min(step.timeoutMs, left), signal, wiring);
    const elapsedMs = clock.monotonic() - start;
    const timedOut = 'failure' in tried.answer && tried.answer.failure.kind === 'timeout';
    if (timedOut && left < step.timeoutMs && last) {
      // Time ran out under this try, not under the server: what it said last is what there is to tell.
      return { ...last.tried, attempts, elapsedMs, untilChecks: nameUntil(last.checks, attempts, elapsedMs) };
    }
    const checks = checkUntil(until, tried, values, wiring);
    const reached = checks.every((check) => check.result === 'pass');
    if ('failure' in tried.answer || reached || elapsedMs + until.everyMs >= until.withinMs) {
      return { ...tried, attempts, elapsedMs, untilChecks: nameUntil(checks, attempts, elapsedMs) };
    }
    last = { tried, checks };
    await pause(until.everyMs, signal);
  }
};

/** Sends a step's request once, or with `until` as often as it takes. */
export const carryOut = async (
  step: RequestStep,
  values: Values,
  signal: AbortSignal,
  wiring: Wiring,
): Promise<Attempted> => {
  if (step.until) return poll(step, step.until, values, signal, wiring);
  const once = await attempt(step, values, step.timeoutMs, signal, wiring);
  return { ...once, attempts: 1, elapsedMs: once.answer.elapsedMs, untilChecks: [] };
};

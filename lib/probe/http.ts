import type { HttpExpectation, Json, Matcher, ProbePlan, RequestStep, Step } from '../config/plan.ts';
import { loadMatchEngines, type MatchEngines } from '../match/engines.ts';
import { usesPatterns } from '../match/json-path.ts';
import { showValue } from '../result/redact.ts';
import type { CheckOutcome, Failure } from '../result/result.ts';
import { type Attempted, carryOut, type Wiring } from './attempt.ts';
import { createAgents } from './connection.ts';
import { createCookieJar } from './cookies.ts';
import { evidenceOf } from './evidence.ts';
import { type Answer, captureFrom, checkAnswer, describeCapture, readAnswer } from './expect.ts';
import { failureOf } from './failure.ts';
import { runFlow } from './flow.ts';
import type { Prober } from './prober.ts';
import { doneStep, type OpenSessions, type Session, type SessionOutcome, type Values } from './session.ts';
import { warmUpConnections } from './warm-up.ts';

const matchersOf = (expect: HttpExpectation): readonly Matcher[] => [
  ...[expect.status, expect.body, expect.latencyMs, expect.tls.version, expect.tls.daysLeft].filter(
    (one) => one !== undefined,
  ),
  ...[expect.header, expect.json, ...Object.values(expect.cookie)].flatMap((record) => Object.values(record)),
];

/** Whether a capture or a path of the step searches texts. */
const searchesTexts = ({ expect, until, capture }: RequestStep): boolean =>
  Object.values(capture).some((one) => one.from === 'body' || (one.from === 'json' && usesPatterns(one.path))) ||
  [expect, until?.expect].some((one) => Object.keys(one?.json ?? {}).some(usesPatterns));

/** Engines for the requests among these steps. */
export const loadRequestEngines = (steps: readonly Step[]): Promise<MatchEngines> => {
  const requests = steps.filter((step) => step.type === 'request');
  return loadMatchEngines(
    requests.flatMap((step) => [...matchersOf(step.expect), ...(step.until ? matchersOf(step.until.expect) : [])]),
    { patterns: requests.some(searchesTexts) },
  );
};

/** What targets send stands in these sentences: a header of 60 KB must not become a page's text. */
const maxMessageChars = 1_000;

const shown = (failure: Failure, { context }: Wiring): Failure => ({
  ...failure,
  message: showValue(failure.message, context.redact, maxMessageChars),
});

const captureAll = (
  step: RequestStep,
  answer: Answer,
  wiring: Wiring,
): { captures: Record<string, Json>; failure?: Failure } => {
  const captures: Record<string, Json> = {};
  for (const [name, capture] of Object.entries(step.capture)) {
    const value = captureFrom(capture, answer, wiring.engines);
    if (value === undefined) {
      return {
        captures,
        failure: {
          kind: 'capture',
          message: `nothing to capture as "${name}": ${describeCapture(capture)} was not in the ${answer.response.status} answer`,
        },
      };
    }
    if (capture.secret) wiring.context.redact.add(typeof value === 'string' ? value : JSON.stringify(value));
    captures[name] = value;
  }
  return { captures };
};

/** Whether a status of 400 and up came that no expectation spoke of. */
const isUnexpected = (step: RequestStep, status: number, checks: readonly CheckOutcome[]): boolean =>
  status >= 400 && !(step.expect.status !== undefined && checks[0]?.result === 'pass');

/** A request step carried out: what came of it, and the whole answer where there is one. */
export type Performed = { readonly outcome: SessionOutcome; readonly answer?: Answer };

const judgeAnswer = (step: RequestStep, tried: Attempted, values: Values, wiring: Wiring): Performed => {
  const { answer, wire, attempts, elapsedMs, untilChecks } = tried;
  const { redact } = wiring.context;
  const timing = { phasesMs: answer.phasesMs, reusedConnection: answer.reusedConnection, attempts };
  const done = { ...doneStep(step, elapsedMs), ...timing };
  if ('failure' in answer) {
    const { kind } = answer.failure;
    const evidence = evidenceOf(wire, answer.partial, redact);
    const latencyMs = kind === 'timeout' || kind === 'limit' ? elapsedMs : null;
    return { outcome: { ...done, status: 'failed', latencyMs, failure: shown(answer.failure, wiring), evidence } };
  }
  const read = readAnswer(answer.response, elapsedMs);
  const expected = checkAnswer(step.expect, read, values, wiring.engines, wiring.context);
  const checks = [...untilChecks, ...expected];
  const { captures, failure } = captureAll(step, read, wiring);
  const { status } = answer.response;
  const unexpected = isUnexpected(step, status, expected);
  const ok = !failure && !unexpected && checks.every((check) => check.result === 'pass');
  const outcome: SessionOutcome = {
    ...done,
    status: ok ? 'done' : 'failed',
    checks,
    captures,
    ...(failure ? { failure: shown(failure, wiring) } : {}),
    ...(unexpected ? { unexpectedStatus: status } : {}),
    evidence: evidenceOf(wire, answer.response, redact),
  };
  return { outcome, answer: read };
};

/** Carries a request step out. A sick target is in the outcome; rejects when `signal` aborts. */
export const performRequest = async (
  step: RequestStep,
  values: Values,
  signal: AbortSignal,
  wiring: Wiring,
): Promise<Performed> => {
  try {
    return judgeAnswer(step, await carryOut(step, values, signal, wiring), values, wiring);
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = shown(failureOf(error), wiring);
    return { outcome: { ...doneStep(step, 0), status: 'failed', latencyMs: null, failure, attempts: 0 } };
  }
};

/** Sessions for request steps; the websocket prober opens them too, for its side channel. */
export const openHttpSessions: OpenSessions = async (probe, context, mode) => {
  const engines = await loadRequestEngines([...probe.steps, ...probe.cleanup]);
  const shared = createAgents(context.guard, context.route);
  const open = (): Session => {
    const agents = mode === 'keep-alive' ? shared : createAgents(context.guard, context.route);
    const wiring: Wiring = { agents, jar: createCookieJar(context.clock), engines, context };
    return {
      execute: async (step, values, signal) => {
        if (step.type !== 'request') throw new Error(`an http probe cannot carry out a ${step.type} step`);
        return (await performRequest(step, values, signal, wiring)).outcome;
      },
      finish: async () => {
        if (mode === 'fresh') agents.close();
        return [];
      },
      abort: () => agents.close(),
    };
  };
  return {
    warmUp: (values, signal) => warmUpConnections(probe, values, shared, mode, context, signal),
    open,
    close: () => shared.close(),
  };
};

/** Measures an HTTP flow. */
export const probeHttp: Prober = (probe: ProbePlan, context, signal) =>
  runFlow(probe, context, signal, openHttpSessions);

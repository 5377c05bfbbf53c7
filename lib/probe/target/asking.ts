import type { HttpExpectation, RequestStep, TargetPlan } from '../../config/plan.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { createAgents } from '../connection.ts';
import { createCookieJar } from '../cookies.ts';
import { loadRequestEngines, type Performed, performRequest } from '../http.ts';
import type { ProbeContext } from '../prober.ts';
import type { Values } from '../session.ts';

/** How a target is asked over HTTP: each request by itself. */
export type Asking = {
  readonly context: ProbeContext;
  readonly engines: () => Promise<MatchEngines>;
  /** A sick target is a value; rejects when `signal` aborts. */
  readonly ask: (step: RequestStep, values: Values, signal: AbortSignal) => Promise<Performed>;
};

export const nothingExpected: HttpExpectation = { header: {}, cookie: {}, json: {}, tls: {} };

/** A plain GET, as a step. */
export const getStep = (
  name: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): RequestStep => ({
  type: 'request',
  name,
  timeoutMs,
  thresholds: [],
  request: {
    method: 'GET',
    url,
    headers,
    query: {},
    maxRedirects: 0,
    cookies: false,
    tls: { verify: true },
    maxBodyBytes: 10 * 1024 ** 2,
  },
  expect: nothingExpected,
  capture: {},
});

/** A path that is looked up by ourselves, as a capture, so that its engine is loaded. */
const lookingFor = (step: RequestStep, paths: readonly (string | undefined)[]): RequestStep => ({
  ...step,
  capture: Object.fromEntries(
    paths.flatMap((path) => (path === undefined ? [] : [[path, { from: 'json', path, secret: false }]])),
  ),
});

const stepsOf = ({ ledger, identity }: TargetPlan): readonly RequestStep[] => {
  const identities = identity ? [getStep('identity', identity.url, identity.headers, 0)] : [];
  const looked = identities.map((step) =>
    identity?.format === 'json' ? lookingFor(step, [identity.boot, identity.startedAt, identity.epoch]) : step,
  );
  if (!ledger) return looked;
  const { write, read, remove, list, projections } = ledger;
  return [
    ...looked,
    write,
    read,
    { ...read, expect: read.absent },
    ...(remove ? [remove] : []),
    ...(list ? [list, lookingFor(list, [list.ids, list.next?.path])] : []),
    ...projections,
  ];
};

/**
 * A connection for each request: one that is kept would be dead after a restart, and would lead to the same replica
 * for ever. Cookies are not kept, for they may bind to a replica, too.
 */
export const createAsking = (plan: TargetPlan, context: ProbeContext): Asking => {
  let loaded: Promise<MatchEngines> | undefined;
  const engines = () => {
    loaded ??= loadRequestEngines(stepsOf(plan));
    return loaded;
  };
  return {
    context,
    engines,
    ask: async (step, values, signal) => {
      const agents = createAgents(context.guard, context.route);
      try {
        const wiring = { agents, jar: createCookieJar(context.clock), engines: await engines(), context };
        return await performRequest(step, values, signal, wiring);
      } finally {
        agents.close();
      }
    },
  };
};

/** Why an answer is not what was expected, in a sentence; nothing where it is. */
export const problemOf = ({ outcome }: Performed): string | undefined => {
  if (outcome.status === 'done') return undefined;
  const failed = outcome.checks.filter(({ result }) => result !== 'pass');
  const said = failed.map(({ name, actual }) => `${name}: got ${actual}`);
  if (outcome.failure) said.push(outcome.failure.message);
  if (outcome.unexpectedStatus !== undefined && said.length === 0) said.push(`it answered ${outcome.unexpectedStatus}`);
  return said.join('; ') || 'the answer is not as expected';
};

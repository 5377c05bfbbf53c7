import type { Json, ProbePlan, RequestStep } from '../../config/plan.ts';
import type { When } from '../../fault-proxy/fault.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { compilePath } from '../../match/json-path.ts';
import { isObject, type JsonPlace } from '../../match/json-place.ts';
import { formatMs } from '../../report/format.ts';
import { leavesIn, overlap, placeOf, showPlace } from '../places.ts';
import type { FaultKind, HttpAction, PlannedFault } from '../planned-fault.ts';
import { slownessOf } from '../slowness.ts';
import type { Exchange } from './exchanges.ts';

/** `onwards`: on every answer from this one, for what is done once would be tried again. */
type Scope = 'once' | 'onwards';

const aim = (
  { step, answer, match, nth, polls, same }: Exchange,
  kind: FaultKind,
  action: HttpAction,
  told: string,
  scope: Scope = 'once',
): PlannedFault => {
  const when: When = { kind: polls || scope === 'onwards' ? 'from' : 'nth', n: nth };
  const fault = { layer: 'http', ...action, when, match } as const;
  return { kind, origin: answer.origin, fault, step: step.name, told: same ? `the repeat: ${told}` : told };
};

const placesOf = (paths: readonly string[], json: Json, engines: MatchEngines): readonly JsonPlace[] =>
  paths.map((path) => placeOf(compilePath(path, engines.search), json)).filter((place) => place !== undefined);

const assertedPaths = ({ expect, until }: RequestStep): readonly string[] =>
  Object.keys({ ...expect.json, ...until?.expect.json });

const capturedPaths = ({ capture }: RequestStep): readonly string[] =>
  Object.values(capture).flatMap((one) => (one.from === 'json' ? [one.path] : []));

const assertsBody = ({ expect, until }: RequestStep): boolean =>
  [expect, until?.expect].some((one) => one && (one.body !== undefined || Object.keys(one.json).length > 0));

/** What a repeated request expects of its answer is that it is the same at some paths, and no more can be asked for. */
const beyondRepeat = ({ same }: Exchange, noticeable: boolean): { readonly beyond?: true } =>
  same === undefined || noticeable ? {} : { beyond: true };

/** The value of each field that a check looks at, and of one that none does. */
const corruptions = (exchange: Exchange, engines: MatchEngines): readonly PlannedFault[] => {
  const { step, answer, same = [] } = exchange;
  if (answer.bodyBytes === 0) return [];
  const beyond = assertsBody(step) || exchange.same ? ({ beyond: true } as const) : {};
  if (answer.json === undefined) {
    const flipped = aim(exchange, 'corrupt', { action: 'corrupt' }, 'one bit of its body is another');
    return [{ ...flipped, ...beyond }];
  }
  const corrupt = (path: JsonPlace) =>
    aim(exchange, 'corrupt', { action: 'corrupt', field: { path } }, `${showPlace(path)} of its body is another`);
  const asserted = placesOf([...assertedPaths(step), ...same], answer.json, engines);
  const used = [...asserted, ...placesOf(capturedPaths(step), answer.json, engines)];
  const free = leavesIn(answer.json).find((place) => !used.some((one) => overlap(one, place)));
  return [...asserted.map(corrupt), ...(free ? [{ ...corrupt(free), ...beyond }] : [])];
};

const emptied = (exchange: Exchange): readonly PlannedFault[] => {
  const { json } = exchange.answer;
  if (typeof json !== 'object' || json === null || Object.keys(json).length === 0) return [];
  const value: Json = isObject(json) ? {} : [];
  const action = { action: 'corrupt', field: { path: [], value } } as const;
  const isCompared = (exchange.same ?? []).length > 0;
  return [
    {
      ...aim(exchange, 'empty', action, `its body is ${JSON.stringify(value)}`),
      ...beyondRepeat(exchange, isCompared),
    },
  ];
};

const misnamed = (exchange: Exchange): readonly PlannedFault[] => {
  const { contentType, bodyBytes } = exchange.answer;
  if (contentType === undefined || bodyBytes === 0) return [];
  const other = contentType.includes('html') ? 'application/json' : 'text/html';
  const action = { action: 'wrong-type', contentType: other } as const;
  return [
    { ...aim(exchange, 'wrong-type', action, `its body calls itself ${other}`), ...beyondRepeat(exchange, false) },
  ];
};

const delayed = (exchange: Exchange, probe: ProbePlan): PlannedFault => {
  const { delayMs, limitMs } = slownessOf(probe, exchange.step);
  const over = limitMs === undefined ? 'which no limit of the probe forbids' : `over the limit of ${formatMs(limitMs)}`;
  const action = { action: 'delay', delay: { kind: 'constant', ms: delayMs } } as const;
  return aim(exchange, 'slow', action, `answers ${formatMs(delayMs)} later, ${over}`);
};

/** Names of the header by which a request is known again: as the draft of the IETF has it, or much like it. */
export const keyHeaders = ({ request }: RequestStep): readonly string[] =>
  Object.keys(request.headers).filter((name) => /idempotency-?key$/i.test(name));

/** A server that has forgotten the key does it again: the second effect is a real one. */
const repeated = (exchange: Exchange): readonly PlannedFault[] => {
  if (exchange.same === undefined) return [];
  return keyHeaders(exchange.step).map((header) => {
    const action = { action: 'forget', header: header.toLowerCase() } as const;
    return aim(exchange, 'repeat', action, `${header} is forgotten, and it is done again`);
  });
};

/** What can go wrong with the answer to a request. */
export const httpFaults = (probe: ProbePlan, exchange: Exchange, engines: MatchEngines): readonly PlannedFault[] => {
  const refuses = exchange.answer.status >= 400;
  const consent = { action: 'error', status: 200, body: '{}' } as const;
  return [
    ...(exchange.answer.status === 500
      ? []
      : [aim(exchange, 'error', { action: 'error', status: 500 }, 'answers 500')]),
    ...(refuses ? [aim(exchange, 'accept', consent, `answers 200 in place of ${exchange.answer.status}`)] : []),
    ...repeated(exchange),
    aim(exchange, 'hang', { action: 'hang', at: 'headers' }, 'never answers', 'onwards'),
    exchange.answer.bodyBytes > 0
      ? aim(exchange, 'cut', { action: 'cut', at: 'body' }, 'breaks off half way through its body', 'onwards')
      : aim(exchange, 'cut', { action: 'cut', at: 'headers' }, 'hangs up in place of an answer', 'onwards'),
    delayed(exchange, probe),
    ...misnamed(exchange),
    ...emptied(exchange),
    ...corruptions(exchange, engines),
  ];
};

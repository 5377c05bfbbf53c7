import type { Json } from '../../config/plan.ts';
import { isObject } from '../../match/json-place.ts';
import {
  type Edge,
  type Fault,
  type FieldEdit,
  type FrameFault,
  type HttpFault,
  type Layer,
  limits,
  type StopPoint,
  type UpgradeFault,
} from '../fault.ts';
import { readDistribution, readDuration, readSize, readWhole } from './quantity.ts';
import { mapRead, type Read, right, wrong } from './read.ts';
import { readLiteral, readText, takePath } from './text.ts';

/** Omit that keeps the members of a union apart. */
type ActionOf<F extends Fault> = F extends unknown ? Omit<F, 'layer' | 'when' | 'match'> : never;
export type AnyAction = ActionOf<Fault>;

type Reader<A> = (value: string | undefined) => Read<A>;
type Readers<F extends Fault> = { readonly [Name in F['action']]: Reader<Extract<ActionOf<F>, { action: Name }>> };

const nothing =
  <A>(action: A): Reader<A> =>
  (value) =>
    value === undefined ? right(action) : wrong(`must be left out, not ${value || 'empty'}`);

const oneOf = <T extends string>(value: string | undefined, allowed: readonly [T, ...T[]]): Read<T> => {
  const found = allowed.find((each) => each === (value ?? allowed[0]));
  return found
    ? right(found)
    : wrong(`must be ${allowed.join(', ').replace(/, (?=[^,]*$)/, ' or ')}, not ${value || 'nothing'}`);
};

const stopPoint = (value: string | undefined) => oneOf<StopPoint>(value, ['headers', 'after-headers', 'body']);
const edge = (value: string | undefined) => oneOf<Edge>(value, ['after', 'before']);

const readError = (value = ''): Read<{ action: 'error'; status: number; body?: string }> => {
  const [, digits = '', text] = /^([^,]*)(?:,(.*))?$/s.exec(value) ?? [];
  const status = readWhole(digits, 200, 599);
  const body = text === undefined ? undefined : readText(text);
  if ('problem' in status || (body && 'problem' in body)) {
    return wrong(`must be a status from 200 to 599 and, if you like, a comma and a body, not ${value || 'nothing'}`);
  }
  return right({ action: 'error', status: status.value, ...(body ? { body: body.value } : {}) });
};

const readDrip = (value = ''): Read<{ action: 'drip'; bytes: number; everyMs: number }> => {
  const slash = value.indexOf('/');
  const bytes = slash < 0 ? right(1) : readSize(value.slice(0, slash), limits.frameBytes);
  const everyMs = readDuration(value.slice(slash + 1));
  if ('problem' in bytes || 'problem' in everyMs)
    return wrong(`must be such as 50ms or 16b/50ms, not ${value || 'nothing'}`);
  return right({ action: 'drip', bytes: bytes.value, everyMs: everyMs.value });
};

const readContentType = (value = ''): Read<{ action: 'wrong-type'; contentType: string }> => {
  const text = readText(value);
  return 'value' in text && /^[\x20-\x7e]+$/.test(text.value)
    ? right({ action: 'wrong-type', contentType: text.value })
    : wrong(`must be a content type such as text/html, not ${value || 'nothing'}`);
};

const readForget = (value = ''): Read<{ action: 'forget'; header: string }> =>
  /^[!#$%&'*+\-.^_`|~\w]+$/.test(value)
    ? right({ action: 'forget', header: value.toLowerCase() })
    : wrong(`must be the name of a header such as idempotency-key, not ${value || 'nothing'}`);

const readCorrupt = (value: string | undefined): Read<{ action: 'corrupt'; field?: FieldEdit }> => {
  if (value === undefined) return right({ action: 'corrupt' });
  const found = takePath(value);
  if (!found || !/^(:|$)/.test(found.rest)) {
    return wrong(`must be a field such as event_seq, items.0.id or title:"other", not ${value || 'nothing'}`);
  }
  const { path, rest } = found;
  if (rest === '') return right({ action: 'corrupt', field: { path } });
  const literal = readLiteral(rest.slice(1));
  return 'problem' in literal
    ? wrong(`puts in what ${literal.problem}`)
    : right({ action: 'corrupt', field: { path, value: literal.value } });
};

const readMerge = (value = ''): Read<{ action: 'merge'; patch: { readonly [key: string]: Json } }> => {
  const literal = readLiteral(value);
  return 'value' in literal && isObject(literal.value)
    ? right({ action: 'merge', patch: literal.value })
    : wrong(`must be a JSON object such as {"type":"acked","code":null}, not ${value || 'nothing'}`);
};

const readClose = (value = ''): Read<{ action: 'close'; code: number; at: Edge }> => {
  const [, digits = '', rest] = /^([^,]*)(?:,(.*))?$/s.exec(value) ?? [];
  const code = Number(digits);
  // RFC 6455 §7.4: 1004 to 1006 and 1015 are never sent, and 1016 to 2999 belong to nobody yet.
  const sendable =
    /^\d{4}$/.test(digits) &&
    ((code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999));
  if (!sendable)
    return wrong(
      `must be a close code that may be sent (1000 to 1003, 1007 to 1014, 3000 to 4999), not ${digits || 'nothing'}`,
    );
  return mapRead(edge(rest), (at) => ({ action: 'close', code, at }));
};

const http: Readers<HttpFault> = {
  delay: (value = '') => mapRead(readDistribution(value), (delay) => ({ action: 'delay', delay })),
  error: readError,
  refuse: nothing({ action: 'refuse' }),
  hang: (value) => mapRead(stopPoint(value), (at) => ({ action: 'hang', at })),
  cut: (value) => mapRead(stopPoint(value), (at) => ({ action: 'cut', at })),
  drip: readDrip,
  oversize: (value = '') => mapRead(readSize(value, limits.bodyBytes), (bytes) => ({ action: 'oversize', bytes })),
  'wrong-type': readContentType,
  corrupt: readCorrupt,
  forget: readForget,
};

const upgrade: Readers<UpgradeFault> = {
  delay: http.delay,
  error: readError,
  hang: nothing({ action: 'hang' }),
};

const frame: Readers<FrameFault> = {
  delay: http.delay,
  drop: nothing({ action: 'drop' }),
  duplicate: nothing({ action: 'duplicate' }),
  reorder: (value = '1s') => mapRead(readDuration(value), (withinMs) => ({ action: 'reorder', withinMs })),
  corrupt: readCorrupt,
  merge: readMerge,
  oversize: (value = '') => mapRead(readSize(value, limits.frameBytes), (bytes) => ({ action: 'oversize', bytes })),
  silence: (value) => mapRead(edge(value), (at) => ({ action: 'silence', at })),
  cut: (value) => mapRead(edge(value), (at) => ({ action: 'cut', at })),
  close: readClose,
};

/** Reads an action's value, by layer and name: the list of all faults there are. */
export const actions: Readonly<Record<Layer, Readonly<Record<string, Reader<AnyAction>>>>> = { http, upgrade, frame };

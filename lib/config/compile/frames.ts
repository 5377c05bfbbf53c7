import { formatDurationMs } from '../duration.ts';
import type { Place } from '../place.ts';
import type {
  ConnectStep,
  ExpectCloseStep,
  ExpectStep,
  FrameExpectation,
  FramePattern,
  Json,
  SendStep,
} from '../plan.ts';
import type { StepInput } from '../schema/config.ts';
import type { FramePatternInput } from '../schema/matcher.ts';
import { hasTemplate } from '../templates.ts';
import { compileCaptures, compilePaths, optionalMatcher } from './expectation.ts';
import { checkUrl, compileCommon, readTls, type StepDefaults } from './request.ts';
import { given, readDuration, readHeaders, readSize } from './values.ts';

type Of<Key extends string> = Extract<StepInput, { readonly [K in Key]: unknown }>;
export type ConnectInput = Of<'connect'>;
export type SendInput = Of<'send'>;
export type ExpectInput = Exclude<Of<'expect'>, Of<'request'>>;
export type ExpectCloseInput = Of<'expectClose'>;

const defaultConnection = 'main';
export const connectionOf = (as: string | undefined): string => as ?? defaultConnection;

/** RFC 6455 §1.3 says the names are tokens; ws refuses the rest only when it connects. */
const subprotocol = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export const compileConnect = (step: ConnectInput, place: Place, defaults: StepDefaults): ConnectStep => {
  const { connect } = step;
  const at = place.at('connect');
  checkUrl(connect.url, at.at('url'), ['ws', 'wss']);
  for (const [name, spot] of at.at('subprotocols').items(connect.subprotocols)) {
    if (!subprotocol.test(name))
      spot.refuse('is not a subprotocol name', { got: name, remedy: "write a token such as 'graphql-transport-ws'" });
  }
  const refused = connect.expectRefused;
  const status = optionalMatcher(refused?.status, at.at('expectRefused', 'status'), 'status');
  return {
    type: 'connect',
    ...compileCommon(step, place, defaults),
    as: connectionOf(connect.as),
    url: connect.url,
    headers: readHeaders(connect.headers, at.at('headers')),
    subprotocols: connect.subprotocols ?? [],
    ...given('expectRefused', status === undefined ? undefined : { status }),
    tls: readTls(connect.tls, at.at('tls')),
    maxFrameBytes: readSize(connect.maxFrame, at.at('maxFrame')) ?? 1024 ** 2,
  };
};

const payloadKinds = ['json', 'text', 'binary'] as const;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const readPayload = (send: SendInput['send'], place: Place): SendStep['payload'] => {
  const kinds = payloadKinds.filter((kind) => send[kind] !== undefined);
  if (kinds.length > 1 || (kinds.length === 0 && place.isWhole(send))) {
    const message = kinds.length === 0 ? 'sends nothing' : `sends one thing at a time: it has ${kinds.join(' and ')}`;
    place.refuse(message, { remedy: `write one of ${payloadKinds.join(', ')}` });
  }
  if (send.json !== undefined) return { kind: 'json', json: send.json };
  if (send.binary === undefined) return { kind: 'text', text: send.text ?? '' };
  if (!base64.test(send.binary) && !hasTemplate(send.binary)) {
    place.at('binary').refuse('is not base64', { got: send.binary, remedy: "encode the bytes, such as 'AAECAw=='" });
  }
  return { kind: 'binary', base64: send.binary };
};

export const compileSend = (step: SendInput, place: Place, defaults: StepDefaults): SendStep => ({
  type: 'send',
  ...compileCommon(step, place, defaults),
  as: connectionOf(step.send.as),
  payload: readPayload(step.send, place.at('send')),
  ...given('mark', step.send.mark),
});

const compilePattern = (input: FramePatternInput, place: Place): FramePattern => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    place.refuse('must be an object: part of a frame', {
      got: input,
      remedy: "write such as { type: 'ack' }, or { '$.id': { exists: true } }",
    });
    return { subset: {}, paths: {} };
  }
  const entries = Object.entries(input);
  return {
    subset: Object.fromEntries(entries.filter(([key]) => !key.startsWith('$'))) as { readonly [key: string]: Json },
    paths: compilePaths(Object.fromEntries(entries.filter(([key]) => key.startsWith('$'))), place),
  };
};

type FrameInput = ExpectInput['expect'];
type CountInput = NonNullable<FrameInput['count']>;

const compileCount = (input: CountInput, place: Place): FrameExpectation => {
  const { match, exactly, min, max } = input;
  if (exactly === undefined && min === undefined && max === undefined && place.isWhole(input)) {
    place.refuse('counts without a limit', { remedy: 'write exactly, min or max' });
  }
  if (exactly !== undefined && (min !== undefined || max !== undefined)) {
    place.refuse('has `exactly` beside min or max', { remedy: 'keep exactly, or min and max' });
  }
  if (min !== undefined && max !== undefined && min > max) place.refuse('min is over max', { got: { min, max } });
  if (min === 0 && max === undefined)
    place.at('min').refuse('holds whatever came', { remedy: 'write 1 or more, or max' });
  if (exactly === 0 || max === 0) {
    place.refuse('expects none', { remedy: 'write { absent: … }, which also proves that the connection was alive' });
  }
  return {
    kind: 'count',
    pattern: compilePattern(match, place.at('match')),
    ...given('exactly', exactly),
    ...given('min', min),
    ...given('max', max),
  };
};

const expectationKinds = ['one', 'inOrder', 'count', 'absent'] as const;

const compileFrameExpectation = (input: FrameInput, place: Place): FrameExpectation => {
  const kinds = expectationKinds.filter((kind) => input[kind] !== undefined);
  if (kinds.length > 1 || (kinds.length === 0 && place.isWhole(input))) {
    const message =
      kinds.length === 0 ? 'expects nothing' : `expects one thing at a time: it has ${kinds.join(' and ')}`;
    place.refuse(message, { remedy: `write one of ${expectationKinds.join(', ')}` });
  }
  if (input.afterSeen !== undefined && input.absent === undefined) {
    place.at('afterSeen').refuse('belongs to `absent`', { remedy: 'remove it, or expect something absent' });
  }
  if (input.inOrder !== undefined) {
    const patterns = place
      .at('inOrder')
      .items(input.inOrder)
      .map(([pattern, at]) => compilePattern(pattern, at));
    return { kind: 'inOrder', patterns };
  }
  if (input.count !== undefined) return compileCount(input.count, place.at('count'));
  if (input.absent !== undefined) {
    const afterSeen =
      input.afterSeen === undefined ? undefined : compilePattern(input.afterSeen, place.at('afterSeen'));
    return {
      kind: 'absent',
      pattern: compilePattern(input.absent, place.at('absent')),
      ...given('afterSeen', afterSeen),
    };
  }
  return { kind: 'one', pattern: compilePattern(input.one ?? {}, place.at('one')) };
};

/** `within` outlives a default timeout, which knows nothing of this step; against one written here it is a mistake. */
const boundWithin = (
  within: string | undefined,
  common: { readonly timeoutMs: number },
  explicit: boolean,
  place: Place,
  { deadlineMs }: StepDefaults,
): { readonly withinMs: number; readonly timeoutMs: number } => {
  const withinMs = readDuration(within, place) ?? common.timeoutMs;
  const limitMs = explicit ? common.timeoutMs : deadlineMs;
  if (withinMs > limitMs) {
    const limit = explicit ? 'timeout of the step' : 'deadline of the run';
    place.refuse(`is longer than the ${limit}`, {
      got: within,
      remedy: `lower it, or raise the limit, which is ${formatDurationMs(limitMs)}`,
    });
  }
  return { withinMs, timeoutMs: Math.max(common.timeoutMs, withinMs) };
};

export const compileExpect = (step: ExpectInput, place: Place, defaults: StepDefaults): ExpectStep => {
  const { expect } = step;
  const at = place.at('expect');
  const common = compileCommon(step, place, defaults);
  const bounds = boundWithin(expect.within, common, step.timeout !== undefined, at.at('within'), defaults);
  const expectation = compileFrameExpectation(expect, at);
  const capture = {
    ...compileCaptures(step.capture, place.at('capture'), 'frame'),
    ...compileCaptures(expect.capture, at.at('capture'), 'frame'),
  };
  if (expectation.kind === 'absent' && Object.keys(capture).length > 0) {
    place.refuse('captures from a frame that is to be absent', { remedy: 'remove the capture' });
  }
  const maxMs = readDuration(expect.latency?.max, at.at('latency', 'max'));
  return {
    type: 'expect',
    ...common,
    ...bounds,
    as: connectionOf(expect.as),
    expectation,
    ...given('from', expect.from),
    capture,
    ...given('latency', expect.latency === undefined ? undefined : { since: expect.latency.since, maxMs: maxMs ?? 0 }),
  };
};

export const compileExpectClose = (step: ExpectCloseInput, place: Place, defaults: StepDefaults): ExpectCloseStep => {
  const at = place.at('expectClose');
  const common = compileCommon(step, place, defaults);
  return {
    type: 'expectClose',
    ...common,
    ...boundWithin(step.expectClose.within, common, step.timeout !== undefined, at.at('within'), defaults),
    as: connectionOf(step.expectClose.as),
    code: optionalMatcher(step.expectClose.code, at.at('code'), 'number') ?? [],
  };
};

import type { Place } from '../place.ts';
import type { ConnectStep, DisconnectStep, ExpectCloseStep, SendStep } from '../plan.ts';
import type { StepInput } from '../schema/config.ts';
import { hasTemplate } from '../templates.ts';
import { compileBounded } from './bounds.ts';
import { optionalMatcher } from './expectation.ts';
import { readPayload } from './payload.ts';
import { checkUrl, compileCommon, readTls, type StepDefaults } from './request.ts';
import { given, readHeaders, readSize } from './values.ts';

/** The steps that have a key; a request step may have `expect` too. */
export type StepOf<Key extends string> = Key extends 'request'
  ? Extract<StepInput, { readonly request: unknown }>
  : Exclude<Extract<StepInput, { readonly [K in Key]: unknown }>, { readonly request: unknown }>;
export type SendInput = StepOf<'send'>;

const defaultConnection = 'main';
export const connectionOf = (as: string | undefined): string => as ?? defaultConnection;

/** RFC 6455 §1.3 says the names are tokens; ws refuses the rest only when it connects. */
const subprotocol = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export const compileConnect = (step: StepOf<'connect'>, place: Place, defaults: StepDefaults): ConnectStep => {
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
    handshake: connect.handshake ?? 'auto',
    ...given('expectRefused', status === undefined ? undefined : { status }),
    tls: readTls(connect.tls, at.at('tls')),
    maxFrameBytes: readSize(connect.maxFrame, at.at('maxFrame')) ?? 1024 ** 2,
  };
};

export const compileSend = (step: SendInput, place: Place, defaults: StepDefaults): SendStep => {
  const { mark } = step.send;
  if (mark !== undefined && step.mark !== undefined) {
    place.at('send', 'mark').refuse('the step has a mark already', { got: mark, remedy: 'keep one of the two' });
  }
  return {
    type: 'send',
    // Two spellings of the same, and the same checks.
    ...compileCommon(mark === undefined ? step : { ...step, mark }, place, defaults),
    as: connectionOf(step.send.as),
    payload: readPayload(step.send, place.at('send')),
  };
};

export const compileExpectClose = (
  step: StepOf<'expectClose'>,
  place: Place,
  defaults: StepDefaults,
): ExpectCloseStep => {
  const { as, code, within } = step.expectClose;
  return {
    type: 'expectClose',
    ...compileBounded(step, within, place, 'expectClose', defaults),
    as: connectionOf(as),
    code: optionalMatcher(code, place.at('expectClose', 'code'), 'number') ?? [],
  };
};

/** RFC 6455 §7.4: what an endpoint may send; 1004 to 1006 and 1015 stand for what never crosses the wire. */
const mayBeSent = (code: number): boolean =>
  (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);

/** A control frame holds 125 bytes (RFC 6455 §5.5), the code takes two. */
const longestReasonBytes = 123;

const checkClose = ({ close, reason, terminate }: StepOf<'disconnect'>['disconnect'], place: Place): void => {
  const remedy = 'write 1000, 1001 to 1003, 1007 to 1014, or 3000 to 4999';
  if (close !== undefined && !mayBeSent(close)) {
    place.at('close').refuse('is no close code that may be sent', { got: close, remedy });
  }
  if (reason !== undefined && !hasTemplate(reason) && new TextEncoder().encode(reason).length > longestReasonBytes) {
    place.at('reason').refuse('is longer than a close frame holds', { got: reason, remedy: 'write at most 123 bytes' });
  }
  if (!terminate) return;
  for (const [key, value] of Object.entries({ close, reason })) {
    if (value !== undefined)
      place
        .at(key)
        .refuse('belongs to a close: who terminates says nothing', { got: value, remedy: 'keep one of the two' });
  }
};

export const compileDisconnect = (step: StepOf<'disconnect'>, place: Place, defaults: StepDefaults): DisconnectStep => {
  const { as, close, reason, terminate, within } = step.disconnect;
  checkClose(step.disconnect, place.at('disconnect'));
  return {
    type: 'disconnect',
    ...compileBounded(step, within, place, 'disconnect', defaults),
    as: connectionOf(as),
    how: terminate ? 'terminate' : { close: close ?? 1000, reason: reason ?? '' },
  };
};

import { z } from 'zod';
import { framePattern, matcher, somePattern, until } from './matcher.ts';
import { captures, stepCommon, tls } from './request.ts';
import { cursor, duration, json, listOf, names, object, size, text, textTable } from './shape.ts';

export const as = text().optional().describe('name of the connection; default main');
export const within = duration().optional().describe("default the step's timeout");

const connect = object('connect', {
  as,
  url: text().describe('ws or wss; templates are filled in'),
  headers: textTable().optional(),
  subprotocols: z.array(text()).optional().describe('default what the codec offers'),
  handshake: z
    .enum(['auto', 'manual'])
    .optional()
    .describe("manual: the steps that follow send it; default auto, the codec's own"),
  expectRefused: object('expectRefused', { status: matcher() })
    .optional()
    .describe('the step passes when the upgrade is refused with this status'),
  tls: tls.optional(),
  maxFrame: size().optional().describe('default 1mb'),
});

/** One of these is what is sent. */
export const payloadShape = {
  json: json().optional().describe("a message in the codec's spelling"),
  text: text().optional().describe('a frame as it stands'),
  binary: text().optional().describe('base64 of a frame as it stands'),
  subscribe: object('subscribe', { stream: text(), cursor: cursor().optional(), payload: json().optional() })
    .optional()
    .describe("in the codec's own words"),
  unsubscribe: object('unsubscribe', { stream: text() }).optional(),
  publish: object('publish', { stream: text(), payload: json() }).optional(),
  ack: object('ack', { stream: text(), cursor: cursor() }).optional(),
};

const send = object('send', {
  as,
  ...payloadShape,
  mark: text().optional().describe('the same as mark beside send'),
});

const count = object('count', {
  match: framePattern(),
  exactly: z.int().min(0).optional(),
  min: z.int().min(0).optional(),
  max: z.int().min(0).optional(),
  until: until().optional().describe('ends the counting: a frame like this, or { quiet }'),
});

const expectation = object('expect', {
  as: names().optional().describe('one connection or several; default main'),
  one: framePattern().optional().describe('one frame like this'),
  inOrder: listOf(framePattern()).optional().describe('frames like these in this order, others between them'),
  by: z.enum(['arrival', 'sequence']).optional().describe('whose order; default arrival'),
  groupBy: text().optional().describe('all must agree in it: a key, a JSONPath, or a field such as $id'),
  contiguous: z.boolean().optional().describe('nothing else may lie between them; default false'),
  unordered: listOf(somePattern()).optional().describe('each by a frame of its own, in any order'),
  count: count.optional(),
  absent: framePattern().optional().describe('no frame like this, for as long as `within`'),
  afterSeen: framePattern().optional().describe('with absent: a frame that proves the connection alive'),
  within,
  from: text().optional().describe('a mark to search from; default after the last frame that was consumed'),
  capture: captures.optional(),
  latency: object('latency', { since: text().describe('a mark'), max: duration() }).optional(),
});

const expectClose = object('expectClose', {
  as,
  code: matcher().optional().describe('close code, such as 1000; default any'),
  within: duration().optional(),
});

const disconnect = object('disconnect', {
  as,
  close: z.int().optional().describe('close code to send; default 1000'),
  reason: text().optional(),
  terminate: z.literal(true).optional().describe('drops the socket without a word'),
  within,
});

export const connectStep = object('a connect step', { ...stepCommon, connect });
export const sendStep = object('a send step', { ...stepCommon, send });
export const expectStep = object('an expect step', {
  ...stepCommon,
  expect: expectation,
  capture: captures.optional().describe('values for later steps: a JSONPath, or a field such as $cursor'),
});
export const expectCloseStep = object('an expectClose step', { ...stepCommon, expectClose });
export const disconnectStep = object('a disconnect step', { ...stepCommon, disconnect });

import { z } from 'zod';
import { as, payloadShape, within } from './frame-steps.ts';
import { matcher, somePattern, until } from './matcher.ts';
import { captures, request, stepCommon } from './request.ts';
import { cursor, duration, listOf, object, text } from './shape.ts';

const capture = captures.optional().describe('values for later steps: a JSONPath, or a field such as $cursor');

const rejected = object('expect', { rejected: matcher().describe('the machine code, such as STALE_CURSOR') });

const reconnect = object('reconnect', {
  as,
  resume: z.record(z.string(), cursor()).optional().describe('stream to cursor; default what the codec remembers'),
  expect: z
    .union([rejected, z.enum(['resumed', 'reset', 'open'])], {
      error: () => "write 'resumed', 'reset', 'open' or { rejected: 'CODE' }",
    })
    .optional()
    .describe('what the server makes of it; open: no matter what; default resumed'),
  within,
  retryEvery: duration().optional().describe('tries again while the connection is refused; default not at all'),
  capture,
});

const assertions = [
  'equalsLive',
  'gapless',
  'noDuplicates',
  'ascending',
  'exclusiveOfCursor',
  'inclusiveOfCursor',
] as const;

const replay = object('replay', {
  as,
  stream: z.union([text(), listOf(text())], { error: () => 'write the name of a stream, or a list of them' }),
  from: cursor().describe('subscribes again from here'),
  until: until().describe('{ cursor }: the last one awaited, { quiet }, or a frame like this'),
  assert: listOf(z.enum(assertions)).describe('what must hold of what comes, against what came live'),
  within,
  capture,
});

const ack = object('ack', {
  as,
  stream: text(),
  cursor: cursor(),
  expect: z
    .union([rejected, z.literal('accepted')], { error: () => "write 'accepted' or { rejected: 'CODE' }" })
    .optional()
    .describe('default accepted'),
  within,
  capture,
});

const idempotent = object('idempotent', {
  send: object('send', { as, ...payloadShape, answer: somePattern().describe('the answer to each') }).optional(),
  request: request.optional(),
  times: z.int().min(2).optional().describe('default 2'),
  same: listOf(text()).optional().describe('JSONPaths that find the same in every answer'),
  events: object('events', {
    as,
    match: somePattern(),
    exactly: z.int().min(1).optional().describe('default 1'),
  }).describe('what counts as an effect, and where it is seen'),
  quiet: duration().optional().describe('how long to look for one effect too many; default 500ms'),
  within,
  capture,
});

export const reconnectStep = object('a reconnect step', { ...stepCommon, reconnect, capture });
export const replayStep = object('a replay step', { ...stepCommon, replay, capture });
export const ackStep = object('an ack step', { ...stepCommon, ack, capture });
export const idempotentStep = object('an idempotent step', { ...stepCommon, idempotent, capture });

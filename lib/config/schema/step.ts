import { z } from 'zod';
import { framePattern, matcher } from './matcher.ts';
import { captures, requestStep, stepCommon, tls } from './request.ts';
import { byKey, duration, json, object, size, text, textTable } from './shape.ts';

const as = text().optional().describe('name of the connection; default main');

const connectStep = object('a connect step', {
  ...stepCommon,
  connect: object('connect', {
    as,
    url: text().describe('ws or wss; templates are filled in'),
    headers: textTable().optional(),
    subprotocols: z.array(text()).optional(),
    expectRefused: object('expectRefused', { status: matcher() })
      .optional()
      .describe('the step passes when the upgrade is refused with this status'),
    tls: tls.optional(),
    maxFrame: size().optional().describe('default 1mb'),
  }),
});

const sendStep = object('a send step', {
  ...stepCommon,
  send: object('send', {
    as,
    json: json().optional(),
    text: text().optional(),
    binary: text().optional().describe('base64'),
    mark: text().optional().describe('names this moment for latency.since and from'),
  }),
});

const expectStep = object('an expect step', {
  ...stepCommon,
  expect: object('expect', {
    as,
    one: framePattern().optional().describe('one frame like this'),
    inOrder: z.array(framePattern()).min(1).optional().describe('frames like these in this order, others between them'),
    count: object('count', {
      match: framePattern(),
      exactly: z.int().min(0).optional(),
      min: z.int().min(0).optional(),
      max: z.int().min(0).optional(),
    }).optional(),
    absent: framePattern().optional().describe('no frame like this, for as long as `within`'),
    afterSeen: framePattern().optional().describe('with absent: a frame that proves the connection alive'),
    within: duration().optional().describe("default the step's timeout"),
    from: text().optional().describe('a mark to search from; default after the last frame that was consumed'),
    capture: captures.optional(),
    latency: object('latency', { since: text().describe('a mark'), max: duration() }).optional(),
  }),
  capture: captures.optional().describe('values for later steps'),
});

const expectCloseStep = object('an expectClose step', {
  ...stepCommon,
  expectClose: object('expectClose', {
    as,
    code: matcher().optional().describe('close code, such as 1000; default any'),
    within: duration().optional(),
  }),
});

export const stepKeys = ['request', 'connect', 'send', 'expect', 'expectClose'] as const;

/** A request step may hold `expect` too, and so its key decides first. */
export const step = z.union(
  [requestStep, connectStep, sendStep, expectStep, expectCloseStep],
  byKey('a step', stepKeys),
);

const scope = z
  .enum(['generation', 'scenario'])
  .optional()
  .describe('default generation: one connection as opened once');
const stream = text().optional().describe('a stream name; default *, each stream by itself');

export const invariant = z.union(
  [
    object('an invariant', {
      monotonic: object('monotonic', {
        stream,
        field: text(),
        strict: z.boolean().optional().describe('default true'),
        scope,
      }),
    }),
    object('an invariant', { noDuplicates: object('noDuplicates', { key: text(), scope }) }),
    object('an invariant', { gapless: object('gapless', { stream, field: text(), scope }) }),
  ],
  byKey('an invariant', ['monotonic', 'noDuplicates', 'gapless']),
);

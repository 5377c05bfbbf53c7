import { z } from 'zod';
import { somePattern } from './matcher.ts';
import { byKey, duration, listOf, object, text } from './shape.ts';

const scope = z
  .enum(['generation', 'scenario'])
  .optional()
  .describe('default generation: one connection as opened once');
const stream = text().optional().describe('a stream name; default *, each stream by itself');
const field = text().describe('a key of the body, a JSONPath, or a field such as $sequence');

const link = z.union([text(), listOf(text())], { error: () => "write a value, or a list such as ['done', 'failed']" });

const policy = z.enum(['tolerate', 'report', 'fail']);

const unknownTypes = z
  .union(
    [
      object('unknownTypes', {
        policy,
        field: field.optional().describe('default $type'),
        known: listOf(text()).optional().describe('default what the codec knows'),
      }),
      policy,
    ],
    { error: () => "write 'tolerate', 'report', 'fail', or { policy, known: [...] }" },
  )
  .describe('tolerate wants one to come, and a known message after it');

export const invariantKeys = [
  'monotonic',
  'noDuplicates',
  'gapless',
  'totalOrder',
  'chain',
  'unknownTypes',
  'maxSilence',
  'latency',
] as const;

export const invariant = z.union(
  [
    object('an invariant', {
      monotonic: object('monotonic', {
        stream,
        field,
        strict: z.boolean().optional().describe('default true'),
        scope,
      }),
    }),
    object('an invariant', { noDuplicates: object('noDuplicates', { key: field, scope }) }),
    object('an invariant', {
      gapless: object('gapless', {
        stream,
        field,
        sparse: z.boolean().optional().describe('gaps are counted, not faults; default false'),
        scope,
      }),
    }),
    object('an invariant', {
      totalOrder: object('totalOrder', {
        streams: listOf(text()).optional().describe("default ['*']: all of them together"),
        field: field.optional().describe('default $sequence'),
      }),
    }),
    object('an invariant', {
      chain: object('chain', {
        links: listOf(link).describe('values that come in this order, each or one of each'),
        field: field.optional().describe('default $type'),
        groupBy: field.optional().describe('one chain for each value of it; default one in each stream'),
        acrossStreams: z
          .boolean()
          .optional()
          .describe('links of one chain may come over several streams; default false, each stream has its own'),
        complete: z.boolean().optional().describe('a chain that began must end; default false'),
        scope,
      }),
    }),
    object('an invariant', { unknownTypes }),
    object('an invariant', {
      maxSilence: duration().describe('no open connection is without a sign of life for longer'),
    }),
    object('an invariant', {
      latency: object('latency', {
        since: text().describe('a mark'),
        until: somePattern().describe('the first such frame after each setting of the mark'),
        p50: duration().optional(),
        p95: duration().optional(),
        p99: duration().optional(),
        max: duration().optional(),
      }),
    }),
  ],
  byKey('an invariant', invariantKeys),
);

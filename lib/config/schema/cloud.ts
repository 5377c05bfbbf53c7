import { z } from 'zod';
import { duration, object, text } from './shape.ts';

/** What a removed stack may leave behind. */
const keptKinds = ['table', 'bucket'] as const;

/** How much is published of each run. */
export const metrics = z.enum(['service', 'probe']);

export const retention = object('retention', {
  runs: duration().optional().describe('default 90d'),
  cadences: z.int().min(1).max(10_000).optional().describe('runs of a probe that are kept in any case; default 200'),
  samples: duration().optional().describe('raw samples; default 400d'),
});

export const budget = object('budget', {
  monthly: z.number().meta({ exclusiveMinimum: 0 }).describe('US dollars; a plan that costs more is refused'),
});

export const cloud = object('cloud', {
  keep: z.array(z.enum(keptKinds)).optional().describe('what stays when the stack is removed; default nothing'),
  customerKey: z.boolean().optional().describe('encrypt with a KMS key of your own; default false'),
  permissionsBoundary: text().optional().describe('managed policy that bounds every role: its name or its ARN'),
  maxConcurrency: z
    .int()
    .min(2)
    .max(1000)
    .optional()
    .describe('messages of the work queue in hand at once; default 50'),
});

import { z } from 'zod';
import { byKey, duration, object, percentage, text } from './shape.ts';

const common = {
  probes: z.array(text()).optional().describe('ids; default all that have a schedule'),
  after: duration().describe('since the start of the rehearsal'),
  for: duration(),
  expect: z
    .enum(['page', 'ticket', 'monitoring', 'none'])
    .describe('the route that must be told of it, or none that anybody may be'),
  within: duration().optional().describe('latest time after it began that somebody is told; default until it ends'),
};

/** What happens to the simulated target, in the order in which the union looks for them. */
export const effectKeys = ['down', 'errors', 'slower', 'tail', 'creep', 'blind'] as const;

const noun = 'an incident';
const flag = () => z.literal(true, { error: () => 'write true' });

const incident = z.union(
  [
    object(noun, { ...common, down: flag().describe('nothing answers') }),
    object(noun, { ...common, errors: percentage().describe('share of samples that are answered with an error') }),
    object(noun, { ...common, slower: percentage().describe('by how much every sample is slower') }),
    object(noun, { ...common, tail: percentage().describe('share of samples that take three times as long') }),
    object(noun, { ...common, creep: percentage().describe('by how much it grows slower each day') }),
    object(noun, { ...common, blind: flag().describe('the trouble is on our own side') }),
  ],
  byKey(noun, effectKeys),
);

export const rehearsal = object('rehearsal', {
  for: duration().optional().describe('how much of the schedule is played; default 90d'),
  seed: z.int().min(0).max(4_294_967_295).optional().describe('of the simulated target; default 1'),
  incidents: z.array(incident).min(1).describe('what happens, and who must be told of it'),
});

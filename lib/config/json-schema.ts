import { z } from 'zod';
import type { Json } from './plan.ts';
import { configSchema } from './schema/config.ts';

/** JSON Schema (2020-12) of a config file, for editors and for `plimsoll schema`. */
export const jsonSchema = (): { readonly [key: string]: Json } => {
  const { $schema: _, ...schema } = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-2020-12',
    // A soak repeats every other step, and most share their parts: written out, it would be five times as long.
    reused: 'ref',
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Plimsoll config',
    description: 'Probes, objectives, drills and notifications of one service.',
    // A list of nothing is no purpose.
    anyOf: ['probes', 'drills'].map((key) => ({ required: [key], properties: { [key]: { minItems: 1 } } })),
    // Plain data by construction; zod types it wider.
    ...(schema as unknown as { readonly [key: string]: Json }),
  };
};

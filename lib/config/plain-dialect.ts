import type { JsonDialect } from './plan.ts';

/** What codec `json` means when nothing more is said. */
export const plainDialect: JsonDialect = {
  fields: {
    type: ['type'],
    id: ['id'],
    stream: ['stream'],
    cursor: ['cursor'],
    sequence: ['event_seq', 'eventSeq'],
    code: ['code', 'event_code'],
  },
  roles: {},
  types: [],
  operations: {},
};

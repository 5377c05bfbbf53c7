import type { Json, JsonDialect } from '../../config/plan.ts';
import type { OperationOf } from './carry.ts';
import type { Codec } from './codec.ts';
import { createJsonCodec } from './json.ts';

const events = [
  ...['created', 'patched', 'deleted'].map((what) => `note_${what}`),
  ...['preview', 'applied', 'rejected'].map((what) => `operation_${what}`),
  ...['queued', 'running', 'succeeded', 'failed'].map((what) => `automation_run_${what}`),
];
const answers = ['subscribed', 'unsubscribed', 'acked', 'patched'];

/** The protocol of examples/notes-server. An event's type is its code: `note_patched`, where the wire says what sort it is. */
const dialect: JsonDialect = {
  fields: { type: ['event_code', 'type'] },
  roles: {
    error: { subset: { type: 'error' }, paths: {} },
    heartbeat: { subset: { type: 'pong' }, paths: {} },
    ack: { subset: {}, paths: {}, fields: { type: [{ op: 'oneOf', value: answers }] } },
    event: { subset: {}, paths: {}, fields: { sequence: [{ op: 'exists', value: true }] } },
  },
  types: [...events, ...answers, 'error', 'pong'],
  operations: {
    subscribe: { type: 'subscribe', id: '{{op.id}}', stream: '{{op.stream}}', cursor: '{{op.cursor}}' },
    unsubscribe: { type: 'unsubscribe', id: '{{op.id}}', stream: '{{op.stream}}' },
    ack: { type: 'ack', id: '{{op.id}}', stream: '{{op.stream}}', cursor: '{{op.cursor}}' },
  } satisfies Readonly<Record<OperationOf<'notes'>['do'], Json>>,
  epoch: 'epoch',
};

/** Loads the codec of the demo server. Its events are known by name: one that is new to it has the role `unknown`. */
export const loadNotesCodec = (): Promise<Codec> => createJsonCodec(dialect, { name: 'notes' });

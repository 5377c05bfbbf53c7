import { defineConfig } from '../../lib/index.ts';

const headers = { authorization: 'Bearer {{token}}' };
const note = 'note:{{noteId}}';
const workspace = 'workspace:1';

/** An answer is JSON, and does not keep a person waiting. */
const prompt = { header: { 'content-type': { contains: 'json' } }, latency: { lt: 2_000 } };

/** Every event of an operation says who did it and how much. */
const operation = {
  type: 'workspace_event',
  '$.provider': { type: 'string' },
  '$.model': { type: 'string' },
  '$.counts.updated': { type: 'number' },
};

/**
 * Realtime sync and replay of the notes server as one scenario: typed events in commit order, acknowledgements that only
 * move forward, replay of each stream by itself, an unknown event that breaks nothing, conflicts, and writes that are
 * sent twice and count once. Each iteration works on a note of its own.
 */
export default defineConfig({
  service: 'notes',
  variables: {
    baseUrl: { from: ['flag', 'env:PLIMSOLL_BASE_URL'], default: 'http://127.0.0.1:8080', required: true },
    wsUrl: { from: ['flag', 'env:PLIMSOLL_WS_URL'], default: 'ws://127.0.0.1:8080/ws' },
    token: { from: ['env:PLIMSOLL_TOKEN'], default: 'probe-token', secret: true },
    ruleId: { from: ['flag'], default: 'rule-1' },
  },
  probes: [
    {
      id: 'realtime-sync',
      kind: 'websocket',
      schedule: { every: '1h' },
      codec: 'notes',
      timeout: '5s',
      deadline: '2m',
      steps: [
        {
          name: 'five times',
          soak: {
            iterations: 5,
            fresh: 'connection',
            steps: [
              {
                name: 'create a note',
                request: { method: 'POST', url: '{{baseUrl}}/api/v1/notes', headers, json: { title: 'probe' } },
                expect: { ...prompt, status: 201, json: { '$.title': 'probe', '$.version': 1 } },
                capture: { noteId: '$.id' },
              },
              { name: 'connect', connect: { as: 'a', url: '{{wsUrl}}', headers } },
              {
                name: 'follow the workspace',
                mark: 'followed',
                send: { as: 'a', subscribe: { stream: workspace, cursor: 0 } },
              },
              { name: 'follow the note', send: { as: 'a', subscribe: { stream: note, cursor: 0 } } },
              {
                name: 'the past came',
                expect: {
                  as: 'a',
                  unordered: [
                    { event_code: 'future_workspace_event' },
                    { event_code: 'note_created', stream: note },
                    { event_code: 'note_created', stream: workspace, note_id: '{{noteId}}' },
                  ],
                  latency: { since: 'followed', max: '3s' },
                },
              },
              {
                name: 'patch',
                mark: 'patched',
                send: {
                  as: 'a',
                  json: { type: 'patch', id: 'p1', note_id: '{{noteId}}', version: 1, title: 'changed' },
                },
              },
              { name: 'patch is answered', expect: { as: 'a', one: { $id: 'p1', type: 'patched', version: 2 } } },
              {
                name: 'run the rule',
                request: { method: 'POST', url: '{{baseUrl}}/api/v1/rules/{{ruleId}}/run', headers },
                expect: { ...prompt, status: 202, json: { '$.ruleId': '{{ruleId}}', '$.status': 'queued' } },
                capture: { runId: '$.id' },
              },
              {
                name: 'commit order',
                expect: {
                  as: 'a',
                  from: 'patched',
                  by: 'sequence',
                  inOrder: [
                    { type: 'workspace_event', event_code: 'note_patched', stream: workspace, note_id: '{{noteId}}' },
                    ...['queued', 'running', 'succeeded'].map((status) => ({
                      type: 'automation_event',
                      event_code: `automation_run_${status}`,
                      run_id: '{{runId}}',
                      status,
                    })),
                  ],
                  latency: { since: 'patched', max: '5s' },
                },
              },
              {
                name: 'the note has its own stream',
                expect: {
                  as: 'a',
                  from: 'patched',
                  one: { event_code: 'note_patched', stream: note },
                  capture: { noteCursor: '$cursor' },
                },
              },
              {
                name: 'ask the agent',
                request: {
                  method: 'POST',
                  url: '{{baseUrl}}/api/v1/agent',
                  headers,
                  json: { question: 'crates of tea', decision: 'apply' },
                },
                expect: { ...prompt, status: 202 },
                capture: { question: '$.id' },
              },
              {
                name: 'preview, then applied',
                expect: {
                  as: 'a',
                  inOrder: [
                    { ...operation, event_code: 'operation_preview', operation_id: '{{question}}' },
                    { ...operation, event_code: 'operation_applied', operation_id: '{{question}}' },
                  ],
                  capture: { head: '$cursor' },
                },
              },
              { name: 'ack', ack: { as: 'a', stream: workspace, cursor: '{{head}}' } },
              {
                name: 'ack of the past is refused',
                ack: {
                  as: 'a',
                  stream: workspace,
                  cursor: 1,
                  expect: { rejected: 'STALE_CURSOR' },
                  capture: { current: '$.cursor' },
                },
              },
              {
                name: 'a conflict is told',
                send: { as: 'a', json: { type: 'patch', id: 'p2', note_id: '{{noteId}}', version: 1, title: 'late' } },
              },
              {
                name: 'with the current version',
                expect: { as: 'a', one: { $id: 'p2', $role: 'error', code: 'CONFLICT', current_version: 2 } },
              },
              {
                name: 'sent twice, done once',
                idempotent: {
                  send: {
                    as: 'a',
                    json: {
                      type: 'patch',
                      note_id: '{{noteId}}',
                      version: 2,
                      title: 'once',
                      idempotency_key: 'once-{{noteId}}',
                    },
                    answer: { type: 'patched', note_id: '{{noteId}}' },
                  },
                  times: 2,
                  same: ['$.version'],
                  events: { as: 'a', match: { event_code: 'note_patched', stream: note, title: 'once' }, exactly: 1 },
                },
              },
              {
                name: 'replay of the note',
                replay: {
                  as: 'a',
                  stream: note,
                  from: 1,
                  until: { cursor: 3 },
                  assert: ['equalsLive', 'gapless', 'noDuplicates', 'ascending', 'exclusiveOfCursor'],
                },
              },
              {
                name: 'replay of the workspace',
                replay: {
                  as: 'a',
                  stream: workspace,
                  from: 1,
                  until: { cursor: '{{head}}' },
                  assert: ['equalsLive', 'gapless', 'noDuplicates', 'ascending', 'exclusiveOfCursor'],
                },
              },
              { name: 'break off', disconnect: { as: 'a', terminate: true } },
              {
                name: 'resume',
                reconnect: { as: 'a', resume: { [note]: '{{noteCursor}}' }, expect: 'resumed' },
              },
              {
                name: 'nothing was missed',
                expect: { as: 'a', one: { event_code: 'note_patched', stream: note, title: 'once' } },
              },
              {
                name: 'remove the note',
                request: { method: 'DELETE', url: '{{baseUrl}}/api/v1/notes/{{noteId}}', headers },
                expect: { status: 204 },
              },
            ],
          },
        },
      ],
      invariants: [
        { monotonic: { stream: '*', field: '$sequence' } },
        { gapless: { stream: '*', field: '$cursor' } },
        { totalOrder: { streams: ['*'], field: '$sequence' } },
        {
          chain: {
            field: 'event_code',
            links: [
              'automation_run_queued',
              'automation_run_running',
              ['automation_run_succeeded', 'automation_run_failed'],
            ],
            groupBy: 'run_id',
          },
        },
        {
          unknownTypes: {
            policy: 'tolerate',
            field: 'event_code',
            known: [
              'note_created',
              'note_patched',
              'note_deleted',
              'operation_preview',
              'operation_applied',
              'operation_rejected',
              'automation_run_queued',
              'automation_run_running',
              'automation_run_succeeded',
              'automation_run_failed',
            ],
          },
        },
        { latency: { since: 'patched', until: { event_code: 'note_patched' }, p95: '2s' } },
      ],
      slo: { thresholds: ['failed<1%'] },
      baseline: false,
    },
  ],
});

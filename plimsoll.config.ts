import { defineConfig } from './lib/index.ts';

const authorization = { authorization: 'Bearer {{token}}' };

/** What this stack watches: the notes server of examples/notes-server. Edit it, or write your own beside it. */
export default defineConfig({
  service: 'notes',
  variables: {
    baseUrl: { from: ['flag', 'env:PLIMSOLL_BASE_URL'], default: 'http://127.0.0.1:8080', required: true },
    wsUrl: { from: ['flag', 'env:PLIMSOLL_WS_URL'], default: 'ws://127.0.0.1:8080/ws' },
    // The demo server's own token; a real one has no default and comes from ssm: or secretsmanager:.
    token: {
      from: ['env:PLIMSOLL_TOKEN', 'ssm:/notes/probe-token'],
      default: 'probe-token',
      secret: true,
      required: true,
    },
    ruleId: { from: ['flag', 'env:PLIMSOLL_RULE_ID'] },
    // Of the copy that a drill starts, kills and starts again.
    notesPort: { from: ['flag', 'env:PLIMSOLL_NOTES_PORT'], default: '8080' },
    notesData: { from: ['flag', 'env:PLIMSOLL_NOTES_DATA'], default: '.plimsoll/notes-server' },
  },
  probes: [
    {
      id: 'api-read',
      kind: 'http',
      description: 'Lists the notes and reads the first.',
      schedule: { every: '1m' },
      samples: 20,
      severity: 'page',
      steps: [
        {
          name: 'list',
          request: { url: '{{baseUrl}}/api/v1/notes', headers: authorization },
          expect: {
            status: 200,
            header: { 'content-type': { contains: 'json' } },
            json: { '$.items': { minLength: 1 } },
          },
          capture: { firstId: '$.items[0].id' },
        },
        {
          name: 'one',
          request: { url: '{{baseUrl}}/api/v1/notes/{{firstId}}', headers: authorization },
          expect: { status: 200, json: { '$.id': '{{firstId}}' } },
        },
      ],
      slo: { objective: '99.9%', window: '30d', thresholds: ['p(95)<150', 'failed<1%', 'checks>99%'] },
    },
    {
      id: 'api-write',
      kind: 'http',
      description: 'Creates a note, reads it back, and removes it whatever happened.',
      schedule: { every: '5m' },
      samples: 5,
      steps: [
        {
          name: 'create',
          request: {
            method: 'POST',
            url: '{{baseUrl}}/api/v1/notes',
            headers: authorization,
            json: { title: 'written by a probe' },
          },
          expect: { status: 201 },
          capture: { noteId: '$.id' },
        },
        {
          name: 'read-back',
          request: { url: '{{baseUrl}}/api/v1/notes/{{noteId}}', headers: authorization },
          expect: { status: 200, json: { '$.title': 'written by a probe' } },
        },
      ],
      cleanup: [
        {
          name: 'remove',
          request: { method: 'DELETE', url: '{{baseUrl}}/api/v1/notes/{{noteId}}', headers: authorization },
        },
      ],
      slo: { thresholds: ['p(95)<250'] },
    },
    {
      id: 'rule-poll',
      kind: 'http',
      description: 'Starts a rule and polls until it has run. Needs ruleId; skipped without.',
      schedule: { cron: '0 13 * * 2', timezone: 'UTC' },
      steps: [
        {
          name: 'run',
          request: { method: 'POST', url: '{{baseUrl}}/api/v1/rules/{{ruleId}}/run', headers: authorization },
          expect: { status: 202 },
          capture: { run: '$.id' },
        },
        {
          name: 'poll',
          request: { url: '{{baseUrl}}/api/v1/rules/runs/{{run}}', headers: authorization },
          until: { json: { '$.status': { oneOf: ['succeeded', 'failed'] } }, every: '50ms', within: '30s' },
          expect: { json: { '$.status': 'succeeded' } },
        },
      ],
    },
    {
      id: 'ws-replay',
      kind: 'websocket',
      description: 'Replays a workspace from its beginning: the right events, in commit order, each once.',
      schedule: { every: '1h' },
      severity: 'page',
      steps: [
        { connect: { as: 'a', url: '{{wsUrl}}' } },
        { send: { as: 'a', json: { type: 'subscribe', stream: 'workspace:1', cursor: 0 } } },
        {
          expect: {
            as: 'a',
            inOrder: [
              { event_code: 'note_patched' },
              { event_code: 'automation_run_queued', '$.run_id': { exists: true } },
              { event_code: 'automation_run_running' },
              { event_code: 'automation_run_succeeded' },
            ],
            within: '2s',
          },
        },
      ],
      invariants: [
        { monotonic: { stream: '*', field: 'event_seq', strict: true } },
        { gapless: { stream: 'workspace:1', field: 'cursor' } },
        { noDuplicates: { key: 'event_seq' } },
      ],
    },
  ],
  targets: {
    notes: {
      start: ['node', 'examples/notes-server/main.ts', '--port', '{{notesPort}}', '--data', '{{notesData}}', '--seed'],
      ready: '{{baseUrl}}/health',
      identity: { url: '{{baseUrl}}/identity', boot: '$.bootId', startedAt: '$.startedAt', epoch: '$.epoch' },
      ledger: {
        write: {
          request: {
            method: 'POST',
            url: '{{baseUrl}}/api/v1/notes',
            headers: { ...authorization, 'idempotency-key': '{{entry.id}}' },
            json: { title: '{{entry.id}}' },
          },
          expect: { status: 201 },
          capture: { noteId: '$.id' },
        },
        read: {
          request: { url: '{{baseUrl}}/api/v1/notes/{{noteId}}', headers: authorization },
          expect: { status: 200, json: { '$.title': '{{entry.id}}' } },
          absent: { status: 404 },
        },
        remove: { request: { method: 'DELETE', url: '{{baseUrl}}/api/v1/notes/{{noteId}}', headers: authorization } },
        list: {
          request: { url: '{{baseUrl}}/api/v1/notes?limit=100', headers: authorization },
          ids: '$.items[*].title',
          next: { query: 'cursor', json: '$.nextCursor' },
        },
        streams: ['workspace:1'],
        follow: { url: '{{wsUrl}}', headers: authorization, codec: 'notes' },
        projections: [
          {
            request: { url: '{{baseUrl}}/api/v1/projections/check', headers: authorization },
            expect: { json: { '$.consistent': true } },
          },
        ],
      },
    },
  },
  drills: [
    {
      id: 'restart',
      target: 'notes',
      restart: { kind: 'process', signal: 'SIGKILL' },
      rto: '30s',
      rpo: '0s',
      seeds: 10,
      every: '100ms',
    },
  ],
});

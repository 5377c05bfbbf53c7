/** A config whose drills a stack can carry out: `restart` of each, in its order. */
export const cloudDrillConfig = (restarts: readonly object[], more: object = {}) => ({
  service: 'notes',
  probes: [
    {
      id: 'probe-0',
      kind: 'http',
      schedule: { every: '1m' },
      steps: [{ name: 'get', request: { url: 'https://notes.example/' } }],
    },
  ],
  targets: {
    notes: {
      start: ['node', 'notes.ts'],
      identity: { url: 'https://notes.example/identity', boot: '$.bootId', startedAt: '$.startedAt' },
      ledger: {
        write: {
          request: {
            method: 'POST',
            url: 'https://notes.example/notes',
            headers: { 'idempotency-key': '{{entry.id}}' },
          },
          expect: { status: 201 },
          capture: { noteId: '$.id' },
        },
        read: {
          request: { url: 'https://notes.example/notes/{{noteId}}' },
          expect: { status: 200 },
          absent: { status: 404 },
        },
        remove: { request: { method: 'DELETE', url: 'https://notes.example/notes/{{noteId}}' } },
      },
    },
  },
  drills: restarts.map((restart, n) => ({ id: `drill-${n}`, target: 'notes', restart, rto: '30s', rpo: '0s' })),
  ...more,
});

export const hook = { kind: 'webhook', url: 'https://notes.example/restart' };

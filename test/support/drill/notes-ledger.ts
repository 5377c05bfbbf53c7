const authorization = { authorization: 'Bearer {{token}}' };

/** How the notes server is written to, read, listed, cleared and followed: by config alone. */
export const notesLedger = {
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
  streams: ['workspace:1'],
  follow: { url: '{{wsUrl}}', headers: authorization, codec: 'notes' },
  projections: [
    {
      request: { url: '{{baseUrl}}/api/v1/projections/check', headers: authorization },
      expect: { json: { '$.consistent': true } },
    },
  ],
};

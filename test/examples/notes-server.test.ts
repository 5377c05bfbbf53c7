import { request } from 'node:http';
import { expect, test } from 'vitest';
import type { Clock } from '../../examples/notes-server/options.ts';
import { call, notesServer } from '../support/notes-server.ts';

const NOTES = '/api/v1/notes';

async function login(url: string, username: string, headers = {}) {
  const answer = await call(url, 'POST', '/api/v1/login', {
    headers: { authorization: '', ...headers },
    body: { username, password: `${username}-pass` },
  });
  const cookie = answer.headers.get('set-cookie') ?? '';
  return {
    ...answer,
    cookie,
    session: { authorization: '', cookie: cookie.split(';')[0] ?? '', 'x-csrf-token': String(answer.body.csrfToken) },
  };
}

function clockAt(start: number): Clock & { pass(ms: number): void } {
  let elapsedMs = 0;
  return {
    now: () => start + elapsedMs,
    monotonic: () => elapsedMs,
    pass: (ms) => {
      elapsedMs += ms;
    },
  };
}

async function until(url: string, path: string, done: (body: Record<string, unknown>) => boolean) {
  for (;;) {
    const { body } = await call(url, 'GET', path);
    if (done(body)) return body;
  }
}

test('health, version, identity and metrics are open to all and say who this process is', async () => {
  const { url } = await notesServer();
  const open = { headers: { authorization: '' } };
  expect((await call(url, 'GET', '/health', open)).body).toEqual({ status: 'ok' });
  expect((await call(url, 'GET', '/version', open)).body).toMatchObject({ name: 'notes-server' });
  const { body } = await call(url, 'GET', '/identity', open);
  expect(body.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Date(String(body.startedAt)).toISOString()).toBe(body.startedAt);
  const metrics = await call(url, 'GET', '/metrics', open);
  expect(metrics.headers.get('content-type')).toContain('version=0.0.4');
  const started = /^process_start_time_seconds (\S+)$/m.exec(String(metrics.body.text))?.[1];
  expect(Number(started) * 1000).toBeCloseTo(Date.parse(String(body.startedAt)), -1);
  expect(metrics.body.text).toContain('notes_http_requests_total{method="GET",status="200"} 3');
});

test('every answer tells its own service time, refusals included', async () => {
  const { url } = await notesServer();
  const answers = await Promise.all([
    call(url, 'GET', '/health'),
    call(url, 'GET', '/nowhere'),
    call(url, 'GET', NOTES, { headers: { authorization: 'Bearer wrong' } }),
    call(url, 'POST', NOTES, { body: { title: 'timed' } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 401, 201]);
  for (const { headers } of answers) {
    const tookMs = headers.get('x-service-time-ms');
    expect(Number(tookMs)).toBeGreaterThan(0);
    expect(headers.get('server-timing')).toBe(`app;dur=${tookMs}`);
  }
});

test('a note is created, read, patched and deleted', async () => {
  const { url } = await notesServer();
  const created = await call(url, 'POST', NOTES, { body: { title: 'Log book', body: 'empty' } });
  expect(created).toMatchObject({ status: 201, body: { title: 'Log book', body: 'empty', version: 1 } });
  const path = `${NOTES}/${created.body.id}`;
  expect(created.headers.get('location')).toBe(path);
  const patched = await call(url, 'PATCH', path, { body: { version: 1, body: 'full' } });
  expect(patched).toMatchObject({ status: 200, body: { title: 'Log book', body: 'full', version: 2 } });
  expect((await call(url, 'GET', path)).body).toEqual(patched.body);
  expect((await call(url, 'HEAD', path)).status).toBe(200);
  expect((await call(url, 'DELETE', path)).status).toBe(204);
  for (const method of ['GET', 'DELETE']) {
    expect(await call(url, method, path)).toMatchObject({ status: 404, body: { code: 'NO_SUCH_NOTE' } });
  }
});

test('pages of a list hold every note once and in order, also while notes come and go', async () => {
  const { url } = await notesServer();
  for (let n = 4; n <= 7; n++) await call(url, 'POST', NOTES, { body: { title: `note ${n}` } });
  const titles: unknown[] = [];
  let cursor: unknown = '';
  for (let page = 0; cursor !== null; page++) {
    const { body } = await call(url, 'GET', `${NOTES}?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const items = body.items as readonly { id: string; title: string }[];
    titles.push(...items.map(({ title }) => title));
    // The note that the next page hangs on goes away in between.
    if (page === 0) await call(url, 'DELETE', `${NOTES}/${items[2]?.id}`);
    cursor = body.nextCursor;
  }
  expect(titles).toEqual(['Tide table', 'Cargo list', 'Crew rota', 'note 4', 'note 5', 'note 6', 'note 7']);
});

test.each([
  ['POST', NOTES, {}, 422, 'INVALID', 'title: want text'],
  ['POST', NOTES, { title: '  ' }, 422, 'INVALID', 'title: must not be empty'],
  ['POST', NOTES, { title: 'a', colour: 'red' }, 422, 'INVALID', 'colour'],
  ['PATCH', `${NOTES}/1`, { title: 'a' }, 422, 'INVALID', 'version: want the version'],
  ['GET', `${NOTES}?limit=0`, undefined, 422, 'INVALID', 'limit: want 1 to 100, got 0'],
  ['GET', `${NOTES}?cursor=bogus`, undefined, 422, 'INVALID', 'cursor: want the nextCursor'],
  ['PUT', NOTES, {}, 405, 'METHOD_NOT_ALLOWED', 'answers GET, POST'],
  ['GET', '/api/v1/notes/%zz', undefined, 404, 'NO_SUCH_ROUTE', 'nothing answers'],
  ['POST', NOTES, { title: 'a', body: 'b'.repeat(1_100_000) }, 413, 'BODY_TOO_LARGE', '1048576'],
] as const)(
  '%s %s with a mistake is refused with a code and a sentence (%#)',
  async (method, path, body, status, code, text) => {
    const { url } = await notesServer();
    const answer = await call(url, method, path, body === undefined ? {} : { body });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body.message).toContain(text);
  },
);

test('a body that is not JSON, and a client that hangs up in its middle, harm nobody', async () => {
  const notices: string[] = [];
  const { url } = await notesServer({ notice: (line) => notices.push(line) });
  const headers = { authorization: 'Bearer probe-token' };
  const notJson = await fetch(url + NOTES, { method: 'POST', headers, body: '{"title":' });
  expect(await notJson.json()).toMatchObject({ code: 'BODY_NOT_JSON' });
  const cut = request(url + NOTES, { method: 'POST', headers: { ...headers, 'content-length': 100 } });
  cut.on('error', () => {});
  cut.write('{"title"', () => cut.destroy());
  await new Promise((resolve) => cut.on('close', resolve));
  expect((await call(url, 'GET', '/health')).status).toBe(200);
  expect(notices).toEqual([]);
});

test('a patch on an old version is a conflict that names the current one', async () => {
  const { url } = await notesServer();
  const answer = await call(url, 'PATCH', `${NOTES}/1`, { body: { version: 1, title: 'late' } });
  expect(answer).toMatchObject({ status: 409, body: { code: 'CONFLICT', currentVersion: 2 } });
  expect((await call(url, 'GET', `${NOTES}/1`)).body.title).toBe('Tide table');
});

test('resending a write with its idempotency key gives the first answer and adds no event', async () => {
  const { url } = await notesServer();
  const create = { body: { title: 'once' }, headers: { 'idempotency-key': 'create-1' } };
  const patch = { body: { version: 2, title: 'patched once' }, headers: { 'idempotency-key': 'patch-1' } };
  const sent = [await call(url, 'POST', NOTES, create), await call(url, 'PATCH', `${NOTES}/1`, patch)];
  const before = (await call(url, 'GET', '/api/v1/projections/check')).body.eventSeq;
  const resent = await Promise.all([call(url, 'POST', NOTES, create), call(url, 'PATCH', `${NOTES}/1`, patch)]);
  expect(resent.map(({ status, body }) => ({ status, body }))).toEqual(
    sent.map(({ status, body }) => ({ status, body })),
  );
  expect(resent.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(['true', 'true']);
  expect((await call(url, 'GET', '/api/v1/projections/check')).body.eventSeq).toBe(before);
  const other = await call(url, 'POST', NOTES, { ...create, body: { title: 'something else' } });
  expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
});

test('two equal writes with one key at the same moment make one note', async () => {
  const { url } = await notesServer();
  const sent = { body: { title: 'raced' }, headers: { 'idempotency-key': 'race' } };
  const answers = await Promise.all(Array.from({ length: 8 }, () => call(url, 'POST', NOTES, sent)));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
});

test('who brings no token, a wrong one or an unknown session is refused with 401', async () => {
  const { url } = await notesServer();
  const codeFor = async (headers: Record<string, string>) =>
    call(url, 'GET', NOTES, { headers: { authorization: '', ...headers } });
  expect(await codeFor({})).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  expect(await codeFor({ authorization: 'Bearer nope' })).toMatchObject({
    status: 401,
    body: { code: 'TOKEN_INVALID' },
  });
  expect(await codeFor({ authorization: 'Basic cHJvYmU6' })).toMatchObject({ status: 401 });
  expect(await codeFor({ cookie: 'sid=stolen' })).toMatchObject({ status: 401, body: { code: 'SESSION_UNKNOWN' } });
});

test('the session cookie is HttpOnly and Lax, and Secure exactly when configured', async () => {
  const plain = await login((await notesServer()).url, 'editor');
  expect(plain.cookie).toMatch(/^sid=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
  const secure = await login((await notesServer({ secureCookies: true })).url, 'editor');
  expect(secure.cookie).toMatch(/; SameSite=Lax; Secure$/);
});

test('a change by session needs its CSRF token, and a read does not', async () => {
  const { url } = await notesServer();
  const { session } = await login(url, 'editor');
  const post = (headers: Record<string, string>) => call(url, 'POST', NOTES, { headers, body: { title: 'by hand' } });
  const other = await login(url, 'editor');
  expect(await post({ ...session, 'x-csrf-token': '' })).toMatchObject({ status: 403, body: { code: 'CSRF_MISSING' } });
  const foreign = { ...session, 'x-csrf-token': other.session['x-csrf-token'] };
  expect(await post(foreign)).toMatchObject({ status: 403, body: { code: 'CSRF_INVALID' } });
  expect((await post(session)).status).toBe(201);
  const me = await call(url, 'GET', '/api/v1/me', { headers: { ...session, 'x-csrf-token': '' } });
  expect(me.body).toEqual({ username: 'editor', role: 'editor', via: 'session' });
});

test('a viewer may read and log out, and may change nothing', async () => {
  const { url } = await notesServer();
  const { session: headers } = await login(url, 'viewer');
  expect((await call(url, 'GET', NOTES, { headers })).status).toBe(200);
  const changes = [
    ['POST', NOTES],
    ['PATCH', `${NOTES}/1`],
    ['DELETE', `${NOTES}/1`],
    ['POST', '/api/v1/rules/rule-1/run'],
    ['POST', '/api/v1/request-log'],
    ['POST', '/api/v1/agent'],
  ] as const;
  for (const [method, path] of changes) {
    expect(await call(url, method, path, { headers })).toMatchObject({ status: 403, body: { code: 'ROLE_TOO_LOW' } });
  }
  expect((await call(url, 'POST', '/api/v1/logout', { headers })).status).toBe(204);
  expect((await call(url, 'GET', NOTES, { headers })).body.code).toBe('SESSION_UNKNOWN');
});

test('a session ends after its time, and the server says so', async () => {
  const clock = clockAt(Date.UTC(2026, 0, 1));
  const { url } = await notesServer({ clock, sessionTtlMs: 1_000 });
  const { session: headers } = await login(url, 'viewer');
  clock.pass(999);
  expect((await call(url, 'GET', '/api/v1/me', { headers })).status).toBe(200);
  clock.pass(1);
  const expired = await call(url, 'GET', '/api/v1/me', { headers });
  expect(expired).toMatchObject({ status: 401, body: { code: 'SESSION_EXPIRED' } });
});

test('logins are limited by address and user name, whether right or wrong, until the window is over', async () => {
  const clock = clockAt(Date.UTC(2026, 0, 1));
  const { url } = await notesServer({ clock });
  const wrong = { headers: { authorization: '' }, body: { username: 'editor', password: 'guess' } };
  for (let attempt = 1; attempt <= 10; attempt++) {
    expect(await call(url, 'POST', '/api/v1/login', wrong)).toMatchObject({
      status: 401,
      body: { code: 'LOGIN_WRONG' },
    });
  }
  clock.pass(500);
  const limited = await login(url, 'editor');
  expect(limited).toMatchObject({ status: 429, body: { code: 'TOO_MANY_LOGINS' } });
  expect(limited.headers.get('retry-after')).toBe('60');
  expect((await login(url, 'viewer')).status).toBe(200);
  clock.pass(59_500);
  expect((await login(url, 'editor')).status).toBe(200);
});

test('a rule runs after it was accepted, and its run can be polled to the end', async () => {
  const { url } = await notesServer({ ruleRunMs: 30 });
  for (const [rule, end] of [
    ['rule-1', 'succeeded'],
    ['rule-failing', 'failed'],
  ]) {
    const accepted = await call(url, 'POST', `/api/v1/rules/${rule}/run`);
    expect(accepted).toMatchObject({ status: 202, body: { ruleId: rule, status: 'queued' } });
    const path = `/api/v1/rules/runs/${accepted.body.id}`;
    const ended = await until(url, path, ({ status }) => status === 'succeeded' || status === 'failed');
    expect(ended).toEqual({ id: accepted.body.id, ruleId: rule, status: end });
  }
  expect(await call(url, 'POST', '/api/v1/rules/none/run')).toMatchObject({
    status: 404,
    body: { code: 'NO_SUCH_RULE' },
  });
  expect(await call(url, 'GET', '/api/v1/rules/runs/none')).toMatchObject({
    status: 404,
    body: { code: 'NO_SUCH_RUN' },
  });
});

test('the agent thinks, then answers', async () => {
  const { url } = await notesServer({ agentAnswerMs: 20 });
  const asked = await call(url, 'POST', '/api/v1/agent', { body: { question: 'when is high water?' } });
  expect(asked).toMatchObject({ status: 202, body: { status: 'thinking' } });
  const done = await until(url, `/api/v1/agent/${asked.body.id}`, ({ status }) => status === 'done');
  expect(done.answer).toBe('1 of 3 notes share a word with the question');
});

test('a request-log entry is written, counted, and refused when it makes no sense', async () => {
  const { url } = await notesServer();
  const entry = { provider: 'loopback', model: 'm', latencyMs: 12.5, status: 200 };
  expect(await call(url, 'POST', '/api/v1/request-log', { body: entry })).toMatchObject({ status: 201, body: entry });
  const wrong = await call(url, 'POST', '/api/v1/request-log', { body: { ...entry, latencyMs: -1 } });
  expect(wrong).toMatchObject({ status: 422, body: { code: 'INVALID' } });
  expect((await call(url, 'GET', '/metrics')).body.text).toContain('notes_request_log_entries 1\n');
});

test('slow-start: health answers 503 until its time has passed, while the rest already serves', async () => {
  const clock = clockAt(Date.UTC(2026, 0, 1));
  const { url } = await notesServer({ clock, faults: { slowStartMs: 2_000 } });
  expect(await call(url, 'GET', '/health')).toMatchObject({ status: 503, body: { status: 'starting' } });
  expect((await call(url, 'GET', NOTES)).status).toBe(200);
  clock.pass(2_000);
  expect((await call(url, 'GET', '/health')).status).toBe(200);
});

test('the projection agrees with the fold of the log, and drift-projection is found out', async () => {
  const check = async (url: string) => (await call(url, 'GET', '/api/v1/projections/check')).body;
  const { url } = await notesServer();
  await call(url, 'DELETE', `${NOTES}/2`);
  expect(await check(url)).toMatchObject({ consistent: true, notes: 2, differences: [] });
  const drifted = await notesServer({ faults: { driftProjection: true } });
  const found = await check(drifted.url);
  expect(found).toMatchObject({
    consistent: false,
    differences: [{ id: '1', live: { version: 2 }, fold: { version: 2, body: 'High water 04:58 and 17:21.' } }],
  });
});

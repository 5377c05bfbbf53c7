import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../lib/local/sqlite.ts';
import { openDesk, until } from './support/cli.ts';
import { bodyOf, json, startHttpTarget } from './support/http-target.ts';

/** Two secrets: one from the environment, one that the target hands out. Odd characters, so that encodings differ. */
const canary = 'canary/7f+3a=9b"é';
const captured = 'handed-out-2c4e6a&x';

/** Every spelling under which a secret could hide. */
const spellings = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64').replace(/=+$/, '').slice(0, -1),
    bytes.toString('base64url').slice(0, -1),
    bytes.toString('hex'),
    secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
  ];
};

/** Says back whatever it is told, in every place that an answer has. */
const echo = (request: IncomingMessage, response: ServerResponse): unknown => {
  const told = request.headers.authorization ?? '';
  const url = request.url ?? '';
  if (url.startsWith('/token')) return json(response, 200, { token: captured });
  if (url.startsWith('/redirect')) {
    response.writeHead(302, { location: `http://127.0.0.1:1/?s=${encodeURIComponent(canary)}` });
    return response.end();
  }
  if (url.startsWith('/text')) return response.writeHead(200).end(`not json: ${canary} ${captured}`);
  if (url.startsWith('/packed')) {
    return response.writeHead(500, { 'content-encoding': 'gzip' }).end(gzipSync(`oops ${canary} ${captured}`));
  }
  json(
    response,
    500,
    { told, url, canary, captured, basic: Buffer.from(`user:${canary}`).toString('base64') },
    {
      'x-echo': encodeURIComponent(canary),
      'set-cookie': `sid=${encodeURIComponent(captured)}; Path=/`,
    },
  );
};

const config = {
  service: 'echo',
  variables: { base: { from: ['flag'] }, secret: { from: ['env:CANARY'], secret: true, required: true } },
  probes: [
    {
      id: 'everywhere',
      kind: 'http',
      samples: 2,
      steps: [
        { name: 'token', request: { url: '{{base}}/token' }, capture: { token: { json: '$.token', secret: true } } },
        {
          name: 'echo',
          request: {
            method: 'POST',
            url: '{{base}}/{{secret}}',
            query: { q: '{{secret}}', t: '{{token}}' },
            headers: { 'x-secret': 'b {{token}}', cookie: 'k={{token}}' },
            auth: { bearer: '{{token}}' },
            json: { a: '{{secret}}', b: ['{{token}}'] },
          },
          expect: {
            status: 200,
            json: { '$.told': '{{token}}', '$.canary': { contains: 'other' } },
            header: { 'x-echo': 'none' },
          },
        },
        { name: 'packed', request: { url: '{{base}}/packed' }, expect: { body: '{{secret}}' } },
        { name: 'text', request: { url: '{{base}}/text' }, expect: { json: { '$.a': '{{secret}}' } } },
        { name: 'form', request: { method: 'PUT', url: '{{base}}/form', form: { s: '{{secret}}' } } },
        { name: 'redirect', request: { url: '{{base}}/redirect', followRedirects: 3 } },
      ],
      cleanup: [{ name: 'bye', request: { method: 'DELETE', url: '{{base}}/bye/{{token}}' } }],
    },
    { id: 'nowhere', kind: 'http', steps: [{ name: 'dns', request: { url: 'http://no-such.invalid/{{secret}}' } }] },
    {
      id: 'basic',
      kind: 'http',
      steps: [
        {
          name: 'get',
          request: { url: '{{base}}/basic', auth: { basic: { username: 'user', password: '{{secret}}' } } },
        },
      ],
    },
  ],
};

/** What of these texts holds a secret, and in which spelling. */
const leaksIn = (sinks: ReadonlyMap<string, string>): readonly string[] =>
  [...sinks].flatMap(([sink, content]) =>
    [canary, captured].flatMap((secret) =>
      spellings(secret)
        .filter((spelling) => content.includes(spelling))
        .map((spelling) => `${sink}: ${spelling}`),
    ),
  );

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });

it('no secret reaches any sink: terminal, JSON, JUnit, HTML, log, store or error, in any spelling', {
  timeout: 60_000,
}, async () => {
  const target = await startHttpTarget(echo);
  onTestFinished(() => target.close());
  const desk = openDesk();
  desk.write('echo.json', config);
  const given = ['--config', 'echo.json', '--set', `base=${target.url}`];
  const reports = ['--junit', 'junit.xml', '--html', 'page.html', '--out', 'out', '--verbose'];
  const env = { CANARY: canary };
  const text = await desk.run(['run', ...given, ...reports], env);
  const asJson = await desk.run(['run', ...given, '--json'], env);
  const again = await desk.run(['report', '--config', 'echo.json', '--json'], env);
  const check = await desk.run(['check', ...given, '--json'], env);
  expect([text.code, asJson.code, again.code, check.code]).toEqual([1, 1, 0, 0]);
  // The secrets did go out: a test that never sent them would prove nothing.
  expect(target.requests.some((request) => request.headers.authorization === `Bearer ${captured}`)).toBe(true);

  const store = await openSqliteStore({
    path: desk.path('.plimsoll/plimsoll.db'),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  });
  const kept = await Promise.all((await store.list({ limit: 100 })).map((run) => store.get(run.runId)));
  await store.close();
  expect(kept).toHaveLength(6);

  const sinks = new Map<string, string>([
    ...[text, asJson, again, check].flatMap(({ stdout, stderr }, index): [string, string][] => [
      [`stdout ${index}`, stdout],
      [`stderr ${index}`, stderr],
    ]),
    ['store', JSON.stringify(kept)],
    ...filesBelow(desk.folder)
      .filter((path) => !path.endsWith('echo.json'))
      .map((path): [string, string] => [path, readFileSync(path, 'latin1')]),
    ...filesBelow(desk.folder)
      .filter((path) => !path.endsWith('echo.json'))
      .map((path): [string, string] => [`${path} as UTF-8`, readFileSync(path, 'utf8')]),
  ]);
  expect(leaksIn(sinks)).toEqual([]);
  expect(sinks.get('store')).toContain('[redacted]');
  expect(readFileSync(desk.path('page.html'), 'utf8')).toContain('[redacted]');
});

it('no secret reaches a page or the dashboard of a watch', { timeout: 60_000 }, async () => {
  const hooks: string[] = [];
  const target = await startHttpTarget(async (request, response) => {
    if (!request.url?.startsWith('/hook')) return echo(request, response);
    hooks.push(JSON.stringify(request.headers) + (await bodyOf(request)));
    response.writeHead(204).end();
  });
  onTestFinished(() => target.close());
  const desk = openDesk();
  // One probe: another that runs beside it would be told what nobody has captured, and so called a secret, yet.
  const watched = config.probes
    .filter((probe) => probe.id === 'everywhere')
    .map((probe) => ({ ...probe, schedule: { every: '1s' }, severity: 'page', alarm: { breachAfter: 1 } }));
  const notify = { page: [{ webhook: { url: `${target.url}/hook`, secret: '{{secret}}' } }] };
  desk.write('echo.json', { ...config, probes: watched, notify });
  const given = ['--config', 'echo.json', '--set', `base=${target.url}`, '--port', '0'];
  const watching = desk.start(['watch', ...given], { CANARY: canary });
  let said = '';
  for (const stream of [watching.process.stdout, watching.process.stderr]) {
    stream?.on('data', (text: string) => {
      said += text;
    });
  }
  await until(() => hooks.length >= 1);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
  const read = async (path: string): Promise<[string, string]> => [path, await (await fetch(`${url}${path}`)).text()];
  const pages = await Promise.all(
    ['/', '/api/state', ...watched.map(({ id }) => `/api/history?probe=${id}`)].map(read),
  );
  const runIds = new Set(pages.flatMap(([, text]) => text.match(/\b[a-z2-7]{26}\b/g) ?? []));
  const details = await Promise.all([...runIds].flatMap((id) => [`/api/run/${id}`, `/report/${id}`]).map(read));
  watching.process.kill('SIGTERM');
  expect((await watching.finished).code).toBe(0);

  expect(details.some(([path, text]) => path.startsWith('/report') && text.includes('[redacted]'))).toBe(true);
  const told = hooks.map((text, index): [string, string] => [`page ${index}`, text]);
  expect(leaksIn(new Map([...pages, ...details, ...told, ['console', said]]))).toEqual([]);
});

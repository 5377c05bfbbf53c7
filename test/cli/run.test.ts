import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Desk, documentOf, entry, openDesk, runOf, start } from '../support/cli.ts';
import { json, startHttpTarget, type Target } from '../support/http-target.ts';
import { notesServer, TOKEN } from '../support/notes-server.ts';
import { readXml } from '../support/xml.ts';

/** A target that answers `GET /503` with that status and everything else with 200, and tells what it was asked. */
const startTarget = async (): Promise<Target> => {
  const target = await startHttpTarget((request, response) =>
    json(response, request.url === '/503' ? 503 : 200, { heard: request.headers['x-token'] ?? null }),
  );
  onTestFinished(() => target.close());
  return target;
};

const probe = (id: string, url: string, more: object = {}) => ({
  id,
  kind: 'http',
  samples: 2,
  steps: [{ name: 'get', request: { url } }],
  ...more,
});

/** A desk with a config of these probes, and the target that they ask. */
const setUp = async (probes: (url: string) => readonly object[], more: object = {}) => {
  const target = await startTarget();
  const desk = openDesk();
  desk.write('plimsoll.json', { service: 'shop', probes: probes(target.url), ...more });
  return {
    target,
    desk,
    run: (args: readonly string[], env = {}) => desk.run(['run', '-c', 'plimsoll.json', ...args], env),
  };
};

const keysOf = (value: object): readonly string[] => Object.keys(value);

/** Nothing happened: no request, not even a connection, and no data folder. */
const expectUntouched = ({ target, desk }: { target: Target; desk: Desk }): void => {
  expect(target.connections()).toBe(0);
  expect(desk.exists('.plimsoll')).toBe(false);
};

const one = (url: string) => [probe('home', `${url}/home`)];

describe('plimsoll run --json', () => {
  it('prints one document with every key that DESIGN.md lists, in its order, and progress on stderr alone', async () => {
    const server = await notesServer();
    const desk = openDesk();
    const headers = { authorization: `Bearer ${TOKEN}` };
    desk.write('plimsoll.json', {
      service: 'notes',
      probes: [
        {
          ...probe('list', `${server.url}/api/v1/notes`),
          steps: [{ name: 'get', request: { url: `${server.url}/api/v1/notes`, headers }, expect: { status: 200 } }],
          slo: { objective: '99%', thresholds: ['p(95)<5000'] },
        },
        {
          id: 'stream',
          kind: 'websocket',
          steps: [
            { connect: { as: 'a', url: server.wsUrl } },
            { send: { as: 'a', json: { type: 'ping' } } },
            { expect: { as: 'a', one: { type: 'pong' } } },
          ],
        },
      ],
    });
    const ran = await desk.run(['run', '-c', 'plimsoll.json', '--json']);
    const document = documentOf(ran);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout.endsWith('}\n')).toBe(true);
    expect(ran.stderr).toMatch(/^\[1\/2\] ✓ pass list .*\n\[2\/2\] ✓ pass stream .*\n$/);
    expect(keysOf(document)).toEqual([
      'schema',
      'tool',
      'service',
      'environment',
      'startedAt',
      'verdict',
      'variables',
      'runs',
    ]);
    const documented =
      'probe kind slot startedAt status verdict reasons samples latencyMs phasesMs steps series checks slo baseline'.split(
        ' ',
      );
    for (const run of document.runs) expect(keysOf(run).slice(0, documented.length)).toEqual(documented);
    const run = runOf(document, 'list');
    expect(keysOf(run.latencyMs)).toEqual(['min', 'p50', 'p90', 'p95', 'p99', 'max']);
    expect(keysOf(run.phasesMs)).toEqual(['dns', 'connect', 'firstByte', 'download']);
    expect(keysOf(run.checks[0] ?? {}).slice(0, 4)).toEqual(['name', 'passed', 'total', 'actual']);
    expect(keysOf(run.baseline).slice(0, 3)).toEqual(['state', 'ratio', 'interval']);
    expect(run).toMatchObject({ status: 'done', verdict: 'pass', reasons: [], samples: 2, kind: 'http' });
    expect(run.slo.map(({ threshold, passed }) => [threshold, passed])).toEqual([
      ['objective 99%', true],
      ['p(95)<5000', true],
    ]);
    expect(keysOf(runOf(document, 'stream').phasesMs)).toEqual(
      expect.arrayContaining(['connect', 'upgrade', 'firstFrame']),
    );
  });

  it('runs the probes that are named, in the order of the config', async () => {
    const { run } = await setUp((url) => ['a', 'b', 'c'].map((id) => probe(id, `${url}/${id}`)));
    const document = documentOf(await run(['--json', 'c', 'a', 'c']));
    expect(document.runs.map((each) => each.probe)).toEqual(['a', 'c']);
  });

  it('keeps its exit code and says nothing more when the reader stops reading', async () => {
    const { desk } = await setUp(one);
    const running = desk.start(['run', '-c', 'plimsoll.json', '--json']);
    running.process.stdout?.destroy();
    const { code, stderr } = await running.finished;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\[1\/1\] ✓ pass home .*\n$/);
  });
});

describe('the exit code of plimsoll run is', () => {
  const metadata = 'http://169.254.169.254/latest';
  it.each<[number, string, string, (url: string) => object, RegExp | undefined]>([
    [0, 'for good', 'pass', (url) => probe('p', `${url}/`), undefined],
    [1, 'for a wrong answer', 'fail', (url) => probe('p', `${url}/503`), /^get: answered 503 in 2 of 2 samples$/],
    [
      1,
      'for a slow one',
      'degraded',
      (url) => probe('p', `${url}/`, { slo: { thresholds: ['p(95)<0.001'] } }),
      // On a busy machine one of the two may be tainted, and then it is not counted.
      /^p\(95\)<0\.001 missed: [\d.]+ ms \(([12]) of \1 samples? too slow\)$/,
    ],
    [3, 'where our own guard said no', 'inconclusive', () => probe('p', metadata), /169\.254\.169\.254 is a metadata/],
  ])('%i %s: %s', async (code, _, verdict, describeProbe, reason) => {
    const { run } = await setUp((url) => [describeProbe(url)]);
    const ran = await run(['--json']);
    const document = documentOf(ran);
    expect([ran.code, document.verdict]).toEqual([code, verdict]);
    expect(runOf(document, 'p').reasons[0]).toEqual(reason ? expect.stringMatching(reason) : undefined);
  });

  it('3 when every probe is skipped, disabled or deferred, with the reason of each', async () => {
    const { run, target } = await setUp(
      (url) => [
        probe('skipped', `${url}/{{ruleId}}`),
        probe('disabled', `${url}/`, { enabled: false }),
        probe('needy', `${url}/`, { needs: ['ruleId'] }),
        probe('deferred', `${url}/`, { deferred: 'until the new gateway is there' }),
      ],
      { variables: { ruleId: { from: ['flag'] } } },
    );
    const ran = await run(['--json']);
    const { verdict, runs } = documentOf(ran);
    expect([ran.code, verdict]).toEqual([3, null]);
    expect(runs.map((each) => [each.probe, each.status, each.verdict, ...each.reasons])).toEqual([
      ['skipped', 'skipped', null, 'no step can run: `ruleId` is not set (step `get`)'],
      ['disabled', 'skipped', null, 'disabled: enabled is false'],
      ['needy', 'skipped', null, 'needs `ruleId`, which is not set'],
      ['deferred', 'deferred', null, 'until the new gateway is there'],
    ]);
    expect(target.connections()).toBe(0);
  });

  it('2 for a probe that is not there, and nothing is asked', async () => {
    const place = await setUp(one);
    const { code, stdout, stderr } = await place.run(['home', 'hme']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('plimsoll: no such probe: hme; did you mean home?\n');
    expectUntouched(place);
  });
});

describe('reports of plimsoll run', () => {
  it('are a JUnit file, a page, and a folder with the document and a log', async () => {
    const { desk, run } = await setUp((url) => [probe('good', `${url}/`), probe('bad', `${url}/503`)]);
    const ran = await run(['--json', '--junit', 'junit.xml', '--html', 'page.html', '--out', 'made/on/demand']);
    expect(ran.code).toBe(1);
    const read = (name: string) => readFileSync(desk.path(name), 'utf8');
    const suites = readXml(read('junit.xml'));
    expect([suites.name, suites.attributes.name, suites.attributes.failures]).toEqual(['testsuites', 'shop', '1']);
    expect(suites.children.map((suite) => [suite.attributes.name, suite.attributes.failures])).toEqual([
      ['good', '0'],
      ['bad', '1'],
    ]);
    expect(JSON.stringify(suites)).toMatch(/answered 503/);
    expect(read('page.html')).toMatch(/^<!doctype html>/i);
    expect(read('page.html')).toMatch(/answered 503/);
    expect(readdirSync(desk.path('made/on/demand')).toSorted()).toEqual(['run.log', 'summary.json']);
    expect(read('made/on/demand/summary.json')).toBe(ran.stdout);
    expect(read('made/on/demand/run.log')).toMatch(/✗ fail +bad[\s\S]*answered 503/);
    expect(read('made/on/demand/run.log')).not.toContain('\u001b');
  });

  it.each([
    [
      'a JUnit file in a folder that is missing',
      ['--junit', 'no/such/junit.xml'],
      /^plimsoll: no folder \S+\/no\/such for no\/such\/junit\.xml: make it first\n$/,
    ],
    [
      'a page in a folder that is missing',
      ['--html', 'no/page.html'],
      /^plimsoll: no folder \S+\/no for no\/page\.html: make it first\n$/,
    ],
    ['a page that is a folder', ['--html', '.'], /^plimsoll: \. is a folder: name a file in it\n$/],
    [
      'a folder that is a file',
      ['--out', 'plimsoll.json'],
      /^plimsoll: \S+\/plimsoll\.json is a file: name a folder for --out\n$/,
    ],
    [
      'a folder in a file',
      ['--out', 'plimsoll.json/deep/er'],
      /^plimsoll: \S+\/plimsoll\.json is a file: name a folder for --out\n$/,
    ],
    [
      'a name that is empty',
      ['--html', ''],
      /^plimsoll: option '--html <file>' argument '' is invalid: it is empty: name a file or a folder\n/,
    ],
  ])('that cannot be written are refused before the first request: %s', async (_, args, message) => {
    const place = await setUp(one);
    const { code, stdout, stderr } = await place.run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expectUntouched(place);
    expect(place.desk.list()).toEqual(['plimsoll.json']);
  });

  it('that the disk would not take are exit 3, after the result was shown', async () => {
    const { run } = await setUp(one);
    const { code, stdout, stderr } = await run(['--junit', '/dev/full']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/✓ pass +home/);
    expect(stderr).toMatch(
      /\nplimsoll: \/dev\/full could not be written \(ENOSPC\); the runs are stored: plimsoll report shows them\n$/,
    );
  });
});

describe('variables of plimsoll run', () => {
  const variables = {
    who: { from: ['flag', 'env:WHO'], default: 'nobody' },
    envFirst: { from: ['env:WHO', 'flag'], default: 'nobody' },
    token: { from: ['env:TOKEN'], secret: true, default: 'a-default-that-is-secret' },
  };
  const tellingProbe = (url: string) => [
    probe('p', url, {
      samples: 1,
      steps: [
        {
          name: 'get',
          request: { url: `${url}/`, headers: { 'x-who': '{{who}} {{envFirst}}', 'x-token': '{{token}}' } },
        },
      ],
    }),
  ];

  it.each<[string, readonly string[], Record<string, string>, string, readonly (string | null)[]]>([
    [
      'flag over env over default',
      ['--set', 'who=flag', '--set', 'envFirst=flag'],
      { WHO: 'env' },
      'flag env',
      ['flag', 'env:WHO'],
    ],
    ['env over default', [], { WHO: 'env' }, 'env env', ['env:WHO', 'env:WHO']],
    ['the default last, and an empty value is none', [], { WHO: '' }, 'nobody nobody', ['default', 'default']],
    [
      'a value with = in it whole, and the last flag of two',
      ['--set', 'who=x', '--set', 'who=a=b='],
      {},
      'a=b= nobody',
      ['flag', 'default'],
    ],
  ])('resolve in the order written: %s', async (_, args, env, sent, sources) => {
    const { run, target } = await setUp(tellingProbe, { variables });
    const document = documentOf(await run(['--json', ...args], env));
    // A sample that the machine disturbed is sent again.
    expect([...new Set(target.requests.map(({ headers }) => headers['x-who']))]).toEqual([sent]);
    expect(document.variables.slice(0, 2).map(({ source }) => source)).toEqual(sources);
  });

  it('that are not there or have no flag cannot be set, and all of them are told', async () => {
    const place = await setUp(tellingProbe, { variables });
    const { code, stdout, stderr } = await place.run(['--set', 'woh=x', '--set', 'token=x', '--set', 'toString=x']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/--set woh: there is no variable `woh`\n {2}remedy {2}did you mean `who`\?/);
    expect(stderr).toMatch(/--set token: variable `token` has no `flag` source/);
    expect(stderr).toMatch(/--set toString: there is no variable `toString`/);
    expectUntouched(place);
  });

  it('that are required and missing stop it before any request, with a table that shows no secret', async () => {
    const secret = 'hunter2-hunter2';
    const place = await setUp(tellingProbe, {
      variables: {
        ...variables,
        key: { from: ['flag', 'env:KEY', 'ssm:/shop/key'], required: true },
        other: { from: ['env:OTHER'], required: true, secret: true },
      },
    });
    const { code, stdout, stderr } = await place.run(['--set', 'who=me'], { TOKEN: secret });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^plimsoll: required variables are not set: key, other\n/);
    expect(stderr).toMatch(/^who +yes +flag +me$/m);
    expect(stderr).toMatch(/^token +yes +env:TOKEN +\(secret\)$/m);
    expect(stderr).toMatch(/^key +no +- +\(required\); ssm:\/shop\/key cannot be read here$/m);
    expect(stderr).not.toContain(secret);
    expectUntouched(place);
  });

  it('that are secret are in no sink, though the target sends them back and a check fails on them', async () => {
    const canary = 'canary-5f1d9c0e7b';
    const { desk, run, target } = await setUp(
      (url) => [
        probe('p', url, {
          steps: [
            {
              name: 'get',
              request: { url: `${url}/?t={{token}}`, headers: { 'x-token': '{{token}}' } },
              expect: { json: { '$.heard': { oneOf: ['nothing', '{{token}}!'] } } },
            },
          ],
        }),
      ],
      { variables },
    );
    const ran = await run(['-v', '--junit', 'j.xml', '--html', 'p.html', '--out', 'out'], { TOKEN: canary });
    expect(ran.code, ran.stderr).toBe(1);
    expect(target.requests.at(-1)?.headers['x-token']).toBe(canary);
    const files = readdirSync(desk.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.length).toBeGreaterThanOrEqual(6);
    const sinks = files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
    for (const sink of [ran.stdout, ran.stderr, ...sinks]) expect(sink).not.toContain(canary);
    const shown = documentOf(await desk.run(['report', '-c', 'plimsoll.json', '--json']));
    expect(JSON.stringify(shown)).not.toContain(canary);
    expect(shown.runs[0]?.reasons[0]).toMatch(/got "/);
  });
});

describe('plimsoll run --concurrency', () => {
  /** Answers nobody until so many are waiting at once, and everybody from then on. */
  const startMeeting = async (guests: number): Promise<Target> => {
    const waiting = new Set<ServerResponse>();
    let met = false;
    const target = await startHttpTarget((_, response) => {
      waiting.add(response);
      response.once('close', () => waiting.delete(response));
      met ||= waiting.size === guests;
      if (met) for (const guest of waiting) json(guest, 200, {});
    });
    onTestFinished(() => target.close());
    return target;
  };

  it.each([
    [3, 0],
    [1, 1],
  ])('of %i has that many probes side by side', async (concurrency, code) => {
    const target = await startMeeting(3);
    const desk = openDesk();
    const ids = ['a', 'b', 'c'];
    const timeout = code === 0 ? '10s' : '100ms';
    desk.write('c.json', {
      service: 's',
      probes: ids.map((id) => probe(id, target.url, { samples: 1, timeout })),
    });
    const ran = await desk.run(['run', '-c', 'c.json', '--json', '--concurrency', String(concurrency)]);
    const { runs } = documentOf(ran);
    expect(ran.code).toBe(code);
    expect(runs.map((run) => [run.probe, run.self?.concurrency])).toEqual(ids.map((id) => [id, concurrency]));
  });
});

describe('PLIMSOLL_ENVIRONMENT', () => {
  it('that is unknown is refused: it may be a misspelt prod', async () => {
    const place = await setUp(one);
    const { code, stdout, stderr } = await place.run([], { PLIMSOLL_ENVIRONMENT: 'production' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('plimsoll: PLIMSOLL_ENVIRONMENT is "production": set it to dev, staging, pilot, prod\n');
    expectUntouched(place);
  });

  it.each(['staging', 'pilot', 'prod'])('%s refuses a laptop’s conveniences, all at once', async (environment) => {
    const place = await setUp(
      (url) => [
        probe('home', `${url}/home`),
        { id: 'ws', kind: 'websocket', steps: [{ connect: { as: 'a', url: 'ws://shop.example/ws' } }] },
      ],
      { network: { allow: ['127.0.0.0/8', '10.0.0.0/8', '::/0'] } },
    );
    const { code, stdout, stderr } = await place.run([], { PLIMSOLL_ENVIRONMENT: environment });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.split('\n').filter((line) => line.startsWith('  '))).toEqual([
      '  the embedded store keeps runs in a file on this machine: use the deployed stack, or PLIMSOLL_ENVIRONMENT=dev',
      '  probe home, step get: http:// is not encrypted: use https://',
      '  probe ws, step 1 connect a: ws:// is not encrypted: use wss://',
      '  network.allow opens loopback with 127.0.0.0/8: remove it',
      '  network.allow opens loopback with ::/0: remove it',
    ]);
    expectUntouched(place);
  });
});

describe('a store that cannot be used is exit 3 and one sentence before any request:', () => {
  const refused = async (prepare: (data: string) => void, message: RegExp): Promise<void> => {
    const { desk, run, target } = await setUp(one);
    mkdirSync(desk.path('data'));
    prepare(desk.path('data/plimsoll.db'));
    const before = readFileSync(desk.path('data/plimsoll.db'));
    const { code, stdout, stderr } = await run(['--data', 'data', '--json']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(target.connections()).toBe(0);
    expect(readFileSync(desk.path('data/plimsoll.db')).equals(before), 'the file is untouched').toBe(true);
  };

  it('it is somebody else’s file', () =>
    refused(
      (path) => writeFileSync(path, 'not a database, but a text of some length'.repeat(10)),
      /^plimsoll: \S+plimsoll\.db is not a Plimsoll store; move it away or choose another --data folder\n$/,
    ));

  it('a newer Plimsoll wrote it', () =>
    refused((path) => {
      const database = new DatabaseSync(path);
      database.exec(`PRAGMA application_id = ${0x506c_696d}; PRAGMA user_version = 99; CREATE TABLE runs (a)`);
      database.close();
    }, /^plimsoll: the store \S+ was written by a newer Plimsoll .*; upgrade Plimsoll or choose another --data folder\n$/));

  it('it is damaged', async () => {
    const { desk, run, target } = await setUp(one);
    await run([]);
    const asked = target.requests.length;
    const path = desk.path('.plimsoll/plimsoll.db');
    writeFileSync(path, readFileSync(path).subarray(0, 5000));
    const { code, stdout, stderr } = await run(['--json']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^plimsoll: the store \S+ is damaged; move it away \(a new one is made\) or restore a backup\n$/,
    );
    expect(target.requests).toHaveLength(asked);
  });

  it.each([['its folder is a file', 'plimsoll.json', /^plimsoll: \S+ is not a Plimsoll store; /]])(
    '%s',
    async (_, data, message) => {
      const { run, target } = await setUp(one);
      const { code, stdout, stderr } = await run(['--data', data]);
      expect([code, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(message);
      expect(target.connections()).toBe(0);
    },
  );

  it('its folder may not be written', async () => {
    const { desk, target } = await setUp(one);
    chmodSync(desk.folder, 0o555);
    // Root may write everywhere.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const { code, stdout, stderr } = await start(process.execPath, [entry, 'run', '-c', 'plimsoll.json'], {
      cwd: desk.folder,
      ...nobody,
    }).finished;
    chmodSync(desk.folder, 0o755);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^plimsoll: the store \S+ cannot be written; give yourself write permission or .*\n$/);
    expect(target.connections()).toBe(0);
  });
});

describe('colours of plimsoll run', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['are left out of a pipe', {}, false],
    ['come with FORCE_COLOR', { FORCE_COLOR: '1' }, true],
    ['do not come with FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
    ['give way to NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('%s', async (_, env, coloured) => {
    const { run } = await setUp(one);
    const { code, stdout, stderr } = await run([], env);
    expect(code).toBe(0);
    expect(stdout.includes('\u001b[')).toBe(coloured);
    expect(stderr.includes('\u001b[')).toBe(coloured);
  });
});

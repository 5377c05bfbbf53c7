import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificates } from '../hostile/certificates.ts';
import { openDesk, until } from '../support/cli.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { notesServer, TOKEN } from '../support/notes-server.ts';
import { faultsThat, onlyProbe, selfTest } from '../support/self-tests.ts';

const headers = { authorization: `Bearer ${TOKEN}` };

/** A probe that says what it wants: status, type, the fields that matter, and how long it may take. */
const good = (url: string) => ({
  id: 'good',
  kind: 'http',
  timeout: '3s',
  steps: [
    {
      name: 'list',
      request: { url: `${url}/api/v1/notes`, headers },
      expect: {
        status: 200,
        header: { 'content-type': { contains: 'json' } },
        json: { '$.items[0].id': { matches: '^\\w+$' } },
      },
      capture: { id: '$.items[0].id' },
      thresholds: ['max<1800'],
    },
    {
      name: 'one',
      request: { url: `${url}/api/v1/notes/{{id}}`, headers },
      expect: { status: 200, header: { 'content-type': { contains: 'json' } }, json: { '$.id': '{{id}}' } },
      thresholds: ['max<1800'],
    },
    {
      name: 'refused',
      request: { url: `${url}/api/v1/notes` },
      expect: { status: 401, header: { 'content-type': { contains: 'json' } }, json: { '$.code': 'UNAUTHENTICATED' } },
      thresholds: ['max<1800'],
    },
  ],
});

const weak = (url: string) => ({
  id: 'weak',
  kind: 'http',
  timeout: '3s',
  steps: [{ name: 'list', request: { url: `${url}/api/v1/notes`, headers } }],
});

const startTarget = async (answer: Parameters<typeof startHttpTarget>[0]) => {
  const target = await startHttpTarget(answer);
  onTestFinished(() => target.close());
  return target;
};

describe('plimsoll run --self-test of an HTTP probe', { timeout: 120_000 }, () => {
  it('that says what it wants: exit 0, every fault is noticed, and by what', async () => {
    const { url } = await notesServer();
    const desk = openDesk();
    const tested = await selfTest(desk, { probes: [good(url)] });
    expect(tested.code, tested.stderr).toBe(0);
    const { verdict, faults, checks, runs } = onlyProbe(tested);
    expect([tested.document.verdict, verdict]).toEqual(['noticed', 'noticed']);
    expect(faultsThat('missed', tested)).toEqual([]);
    expect(faultsThat('idle', tested)).toEqual([]);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(
      new Set(['error', 'accept', 'hang', 'cut', 'slow', 'wrong-type', 'empty', 'corrupt']),
    );
    const accepted = faults.find(({ kind }) => kind === 'accept');
    expect(accepted?.noticedBy[0]).toEqual({ step: 'refused', by: 'status equals 401', actual: '200' });
    const late = faults.find(({ kind, step }) => kind === 'slow' && step === 'one');
    expect(late?.noticedBy).toContainEqual(expect.objectContaining({ step: 'one', by: 'max<1800' }));
    expect(checks.filter(({ objected }) => objected === 0)).toEqual([]);
    expect(runs).toBe(faults.length + 3);
  });

  it('that asserts nothing: exit 1, and what it misses is named', async () => {
    const { url } = await notesServer();
    const tested = await selfTest(openDesk(), { probes: [weak(url)] });
    expect(tested.code, tested.stderr).toBe(1);
    expect(faultsThat('missed', tested)).toEqual(['slow list', 'wrong-type list', 'empty list', 'corrupt list']);
    expect(faultsThat('noticed', tested)).toEqual(['error list', 'hang list', 'cut list']);
  });

  it('tells a person: a line for each fault, MISSED in words, and progress on stderr with how long it may take', async () => {
    const { url } = await notesServer();
    const desk = openDesk();
    desk.write('plimsoll.json', { service: 'notes', probes: [weak(url)] });
    const { stdout, stderr, code } = await desk.run(['run', '--self-test', '-c', 'plimsoll.json', '-v']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^notes: self-test of 1 probe, 10 runs\n\nweak \(http\): 3 of 7 faults noticed\n/);
    expect(stdout).toMatch(
      /✗ corrupt +list: \S+ of its body is another\n +MISSED: the run passed\n +corrupt=\S+@nth:1 GET \/api\/v1\/notes\n/,
    );
    expect(stdout).toMatch(/✓ error +list: answers 500\n +list: answer – answered 500\n/);
    expect(stderr).toMatch(/^weak: 7 faults, at most 24\.0 s\n\[1\/7\] ✓ weak, error: list: answers 500\n/);
  });

  it('keeps nothing and shows no secret', async () => {
    const { url } = await notesServer();
    const desk = openDesk();
    const config = {
      variables: { token: { from: ['env:TOKEN'], secret: true, required: true } },
      probes: [
        {
          ...weak(url),
          steps: [
            { name: 'list', request: { url: `${url}/api/v1/notes`, headers: { authorization: 'Bearer {{token}}' } } },
          ],
        },
      ],
    };
    desk.write('plimsoll.json', { service: 'notes', ...config });
    const ran = await desk.run(['run', '--self-test', '-c', 'plimsoll.json', '-v'], { TOKEN });
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).not.toContain(TOKEN);
    expect(desk.list()).toEqual(['plimsoll.json']);
  });

  it('that does not pass untouched: exit 3 with the reason, after one run', async () => {
    const target = await startTarget((_, response) => json(response, 503, {}));
    const tested = await selfTest(openDesk(), { probes: [weak(target.url)] });
    expect(tested.code).toBe(3);
    expect(onlyProbe(tested)).toMatchObject({
      status: 'untestable',
      verdict: 'inconclusive',
      reason: 'it does not pass untouched: list: answered 503',
      runs: 1,
    });
    expect(target.requests).toHaveLength(1);
  });

  it('that no longer passes when the faults are over: exit 3, for what it noticed may be what they left', async () => {
    let asked = 0;
    const target = await startTarget((_, response) => json(response, ++asked > 4 ? 500 : 200, { id: 1 }));
    const tested = await selfTest(openDesk(), { probes: [weak(target.url)] });
    expect(tested.code).toBe(3);
    expect(onlyProbe(tested)).toMatchObject({ status: 'untestable', verdict: 'inconclusive' });
    expect(onlyProbe(tested).reason).toMatch(/^after the faults it no longer passes without one/);
  });

  it('that is put off or lacks a variable: says why, and exit 3 where nothing else was tried', async () => {
    const { url } = await notesServer();
    const config = {
      variables: { absent: { from: ['env:ABSENT'] } },
      probes: [
        { ...weak(url), id: 'later', deferred: { reason: 'the service moves' } },
        { ...weak(url), id: 'lacking', needs: ['absent'] },
      ],
    };
    const tested = await selfTest(openDesk(), config);
    expect(tested.code).toBe(3);
    expect(tested.document.probes.map(({ status, reason }) => [status, reason])).toEqual([
      ['deferred', 'the service moves'],
      ['skipped', expect.stringContaining('absent')],
    ]);
  });

  it('over https: the proxy dials with the TLS settings of the plan, and TLS checks are not exercised', async () => {
    const { good: credentials, authority } = makeCertificates();
    const hosts: unknown[] = [];
    const server = createServer(credentials, (request, response) => {
      hosts.push(request.headers.host);
      json(response as never, 200, { id: 'x' });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const host = `localhost:${(server.address() as AddressInfo).port}`;
    const step = {
      name: 'get',
      request: { url: `https://${host}/`, tls: { ca: authority } },
      expect: { status: 200, json: { '$.id': 'x' }, tls: { daysLeft: { gte: 1 } } },
    };
    const tested = await selfTest(openDesk(), {
      probes: [{ id: 'secure', kind: 'http', timeout: '3s', steps: [step] }],
    });
    expect(tested.code, tested.stderr).toBe(1);
    expect(faultsThat('missed', tested)).toEqual(['slow get', 'wrong-type get']);
    expect(faultsThat('noticed', tested)).toEqual(['error get', 'hang get', 'cut get', 'empty get', 'corrupt get']);
    expect(onlyProbe(tested).notExercised).toEqual([
      expect.stringMatching(/^get: its TLS checks; /),
      expect.stringMatching(/^https:\/\/localhost:\d+: its certificate/),
    ]);
    // A check that was put aside is not one that never said no.
    expect(onlyProbe(tested).checks.map(({ name }) => name)).not.toContain('daysLeft');
    expect(JSON.stringify(onlyProbe(tested).checks)).not.toContain('days');
    expect(new Set(hosts)).toEqual(new Set([host]));
  });
});

describe('plimsoll run --self-test', () => {
  const refused = async (args: readonly string[], env = {}, more: object = {}) => {
    const target = await startTarget((_, response) => json(response, 200, {}));
    const desk = openDesk();
    desk.write('plimsoll.json', { service: 'notes', probes: [weak(target.url)], ...more });
    const ran = await desk.run(['run', '-c', 'plimsoll.json', ...args], env);
    expect([ran.code, ran.stdout, target.connections()]).toEqual([2, '', 0]);
    return ran.stderr;
  };

  it.each(['staging', 'pilot', 'prod'])('asks for consent in %s, before any request', async (environment) => {
    const env = { PLIMSOLL_ENVIRONMENT: environment };
    expect(await refused(['--self-test'], env)).toMatch(new RegExp(`this is ${environment}: give --yes if it may\n$`));
    // What the environment forbids, consent does not allow.
    expect(await refused(['--self-test', '--yes'], env)).toContain('http:// is not encrypted');
  });

  it('is no run like others: it knows no store, no report files and no stack', async () => {
    for (const option of [['--aws'], ['--data', 'd'], ['--html', 'x.html'], ['--junit', 'x.xml'], ['--out', 'o']]) {
      expect(await refused(['--self-test', ...option])).toMatch(/cannot be used with/);
    }
    expect(await refused(['--yes'])).toBe('plimsoll: --yes is for a self-test: give --self-test too\n');
    expect(await refused(['--faults', '3'])).toBe('plimsoll: --faults is for a self-test: give --self-test too\n');
    expect(await refused(['--self-test', '--faults', '0'])).toMatch(/it is a whole number from 1 to 1000/);
  });

  it('tries as many faults as it is told, and says how many there are', async () => {
    const target = await startTarget((_, response) => json(response, 200, { id: 1 }));
    const tested = await selfTest(openDesk(), { probes: [weak(target.url)] }, '--faults', '1');
    expect(onlyProbe(tested)).toMatchObject({ runs: 4, leftOut: 6, faults: [{ kind: 'error', outcome: 'noticed' }] });
    expect(tested.code).toBe(0);
  });

  it('says beforehand which probes may change their target, and how often', async () => {
    const target = await startTarget((_, response) => json(response, 503, {}));
    const post = { id: 'write', kind: 'http', steps: [{ name: 'post', request: { method: 'POST', url: target.url } }] };
    const tested = await selfTest(openDesk(), { probes: [weak(target.url), post] });
    expect(tested.stderr).toBe('plimsoll: may change the target, up to 28 times each: write\n');
  });

  it('ends at once on Ctrl-C, with its proxies', async () => {
    const target = await startTarget((_, response) => json(response, 200, { id: 1 }));
    const desk = openDesk();
    desk.write('plimsoll.json', { service: 'notes', probes: [{ ...weak(target.url), timeout: '50s' }] });
    const { process: child, finished } = desk.start(['run', '--self-test', '-c', 'plimsoll.json']);
    let told = '';
    child.stderr?.on('data', (text: string) => (told += text));
    await until(() => told.includes('[1/7]'));
    child.kill('SIGINT');
    expect((await finished).code).toBe(130);
  });
});

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Result, StepOutcome } from '../../lib/result/result.ts';
import { bodyOf, json, startHttpTarget, startTcpTarget, type Target } from '../support/http-target.ts';
import { contextOf, handClock, measure, probeOf } from '../support/probing.ts';

const targets: Target[] = [];
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
});

const target = async (...args: Parameters<typeof startHttpTarget>): Promise<Target> => {
  const started = await startHttpTarget(...args);
  targets.push(started);
  return started;
};

const firstStep = (result: Result, index = 0): StepOutcome => {
  const step = result.passes[0]?.steps[index];
  if (!step) throw new Error('no such step');
  return step;
};

/** Resolves when the client has read the head of the next answer. */
const headRead = () =>
  new Promise<void>((resolve) => {
    const channel = 'http.client.response.finish';
    const onRead = () => {
      unsubscribe(channel, onRead);
      resolve();
    };
    subscribe(channel, onRead);
  });

const get = (url: string, rest: object = {}) =>
  probeOf({ kind: 'http', samples: 1, steps: [{ name: 'get', request: { url }, ...rest }] });

describe('the http prober', () => {
  it('sends every method and every kind of body', async () => {
    const echo = await target(async (request, response) => {
      json(response, 200, {
        method: request.method,
        type: request.headers['content-type'] ?? null,
        body: await bodyOf(request),
      });
    });
    const steps = [
      { name: 'json', request: { method: 'POST', url: echo.url, json: { a: [1] } } },
      { name: 'form', request: { method: 'PUT', url: echo.url, form: { a: '1 2', b: 'ü' } } },
      { name: 'text', request: { method: 'PATCH', url: echo.url, text: 'hello' } },
      {
        name: 'parts',
        request: {
          method: 'POST',
          url: echo.url,
          multipart: [
            { name: 'f', value: 'data', filename: 'a.txt', contentType: 'text/plain' },
            { name: 'g', value: 'plain' },
          ],
        },
      },
      { name: 'delete', request: { method: 'DELETE', url: echo.url } },
      { name: 'options', request: { method: 'OPTIONS', url: echo.url } },
      { name: 'head', request: { method: 'HEAD', url: echo.url } },
    ].map((step) => ({ ...step, capture: step.name === 'head' ? {} : { [step.name]: '$' } }));
    const result = await measure(probeOf({ kind: 'http', steps }));
    const bodies = result.passes[0]?.steps.map((step) => step.evidence?.response?.body ?? '') ?? [];
    expect(result.passes[0]?.complete).toBe(true);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ method: 'POST', type: 'application/json', body: '{"a":[1]}' });
    expect(JSON.parse(bodies[1] ?? '')).toEqual({
      method: 'PUT',
      type: 'application/x-www-form-urlencoded',
      body: 'a=1+2&b=%C3%BC',
    });
    expect(JSON.parse(bodies[2] ?? '')).toMatchObject({ method: 'PATCH', body: 'hello' });
    expect(JSON.parse(bodies[3] ?? '').body).toMatch(
      /name="f"; filename="a.txt"\r\nContent-Type: text\/plain\r\n\r\ndata/,
    );
    expect(JSON.parse(bodies[4] ?? '').method).toBe('DELETE');
    expect(echo.requests.map((request) => request.method)).toEqual([
      'POST',
      'PUT',
      'PATCH',
      'POST',
      'DELETE',
      'OPTIONS',
      'HEAD',
    ]);
  });

  it('authenticates, sends query and headers, and renders templates in all of them', async () => {
    const seen = await target((_, response) => json(response, 200, {}));
    const request = {
      url: '{{base}}/a b',
      query: { q: '{{word}}' },
      headers: { 'X-Trace': 't-{{word}}' },
      auth: { basic: { username: 'ann', password: '{{word}}' } },
    };
    const variables = { base: { from: ['flag'] }, word: { from: ['flag'] } };
    const probe = probeOf({ kind: 'http', samples: 1, steps: [{ name: 'a', request }] }, variables);
    await measure(probe, contextOf({ base: seen.url, word: 'x&y' }));
    const [sent] = seen.requests;
    expect(sent?.path).toBe('/a%20b?q=x%26y');
    expect(sent?.headers['x-trace']).toBe('t-x&y');
    expect(sent?.headers.authorization).toBe(`Basic ${Buffer.from('ann:x&y').toString('base64')}`);
    expect(sent?.headers['user-agent']).toMatch(/^plimsoll\/\d/);
  });

  it('carries captures and cookies to later steps, and forgets both with the pass', async () => {
    const shop = await target((request, response) => {
      if (request.url === '/login')
        return json(response, 200, { id: 'u/1' }, { 'set-cookie': 'sid=abc; Path=/; HttpOnly' });
      json(response, request.headers.cookie === 'sid=abc' ? 200 : 401, { path: request.url });
    });
    const steps = [
      { name: 'login', request: { url: `${shop.url}/login` }, capture: { id: '$.id' } },
      {
        name: 'mine',
        request: { url: `${shop.url}/users/{{id}}` },
        expect: { status: 200, json: { '$.path': '/users/u%2F1' } },
      },
    ];
    const result = await measure(probeOf({ kind: 'http', samples: 2, steps }));
    expect(result.passes.map((pass) => pass.steps.map((step) => step.status))).toEqual([
      ['done', 'done'],
      ['done', 'done'],
    ]);
    expect(
      shop.requests.filter((request) => request.path === '/login').every((request) => !request.headers.cookie),
    ).toBe(true);
  });

  it('skips what follows a step that gave no answer, and names the step', async () => {
    const result = await measure(
      probeOf({
        kind: 'http',
        samples: 1,
        steps: [
          { name: 'dead', request: { url: 'http://127.0.0.1:1/' }, capture: { id: '$.id' } },
          { name: 'next', request: { url: 'http://127.0.0.1:1/{{id}}' } },
        ],
      }),
    );
    expect(firstStep(result).failure).toMatchObject({
      kind: 'refused',
      message: 'the connection was refused (127.0.0.1:1)',
    });
    expect(firstStep(result).latencyMs).toBeNull();
    expect(firstStep(result, 1)).toMatchObject({ status: 'skipped', reason: 'step "dead" failed' });
  });

  it('says what it could not capture', async () => {
    const empty = await target((_, response) => json(response, 200, { items: [] }));
    const result = await measure(get(empty.url, { capture: { id: '$.items[0].id' } }));
    expect(firstStep(result).failure).toEqual({
      kind: 'capture',
      message: 'nothing to capture as "id": json $.items[0].id was not in the 200 answer',
    });
  });

  it('polls until the state comes, and counts from submit to final answer', async () => {
    let polls = 0;
    const slow = await target((_, response) => json(response, 200, { status: ++polls < 4 ? 'running' : 'succeeded' }));
    const until = { json: { '$.status': { oneOf: ['succeeded', 'failed'] } }, every: '10ms', within: '5s' };
    const step = firstStep(await measure(get(slow.url, { until, expect: { json: { '$.status': 'succeeded' } } })));
    expect(step).toMatchObject({ status: 'done', attempts: 4 });
    expect(step.latencyMs).toBeGreaterThanOrEqual(30);
  });

  it('fails a poll whose state never comes, with the last state and the tries', async () => {
    const stuck = await target((_, response) => json(response, 200, { status: 'running' }));
    const step = firstStep(
      await measure(get(stuck.url, { until: { json: { '$.status': 'done' }, every: '10ms', within: '1s' } })),
    );
    expect(step.status).toBe('failed');
    expect(step.checks[0]?.name).toBe('until json $.status equals "done"');
    expect(step.checks[0]?.actual).toMatch(/^"running" after \d+ tries in \d+ ms$/);
  });

  it('runs the cleanup after each pass with its captures, even when a step failed', async () => {
    let made = 0;
    const notes = await target((request, response) => {
      if (request.method === 'POST') return json(response, 201, { id: `n${++made}` });
      json(response, request.method === 'GET' ? 500 : 204, {});
    });
    const probe = probeOf({
      kind: 'http',
      samples: 2,
      steps: [
        { name: 'create', request: { method: 'POST', url: notes.url, json: {} }, capture: { id: '$.id' } },
        { name: 'read', request: { url: `${notes.url}/{{id}}` }, expect: { status: 200 } },
      ],
      cleanup: [{ name: 'delete', request: { method: 'DELETE', url: `${notes.url}/{{id}}` } }],
    });
    const result = await measure(probe);
    expect(notes.requests.filter((request) => request.method === 'DELETE').map((request) => request.path)).toEqual([
      '/n1',
      '/n2',
    ]);
    expect(result.cleanup.map((step) => step.status)).toEqual(['done', 'done']);
  });

  it('repeats no request with side effects to warm up, and sends a safe one once for nothing', async () => {
    const writes = await target((_, response) => json(response, 201, {}));
    const reads = await target((_, response) => json(response, 200, {}));
    const step = (method: string, url: string) =>
      probeOf({ kind: 'http', samples: 3, steps: [{ name: 'a', request: { method, url } }] });
    const written = await measure(step('POST', writes.url));
    const read = await measure(step('GET', reads.url));
    expect(writes.requests).toHaveLength(3);
    expect(reads.requests).toHaveLength(4);
    for (const result of [written, read]) {
      expect(result.connectionMode).toBe('keep-alive');
      expect(result.connections).toHaveLength(1);
      expect(result.passes.every((pass) => pass.steps.every((one) => one.reusedConnection))).toBe(true);
    }
  });

  it('starts each single pass on a fresh connection, with its phases', async () => {
    const plain = await target((_, response) => json(response, 200, {}));
    const step = firstStep(await measure(get(plain.url)));
    expect(step.reusedConnection).toBe(false);
    expect(Object.keys(step.phasesMs)).toEqual(['dns', 'connect', 'firstByte', 'download']);
  });

  it('has phases that add up to the latency', async () => {
    const slow = await target(async (_, response) => {
      const read = headRead();
      response.writeHead(200);
      response.flushHeaders();
      await read;
      await sleep(15);
      response.end('late');
    });
    const result = await measure(
      probeOf({ kind: 'http', samples: 4, steps: [{ name: 'a', request: { url: slow.url } }] }),
    );
    for (const { latencyMs, phasesMs } of result.passes.flatMap((pass) => pass.steps)) {
      const sum = Object.values(phasesMs).reduce((total, ms) => total + ms, 0);
      expect(Math.abs(sum - (latencyMs ?? 0))).toBeLessThan(1);
      expect(phasesMs.download).toBeGreaterThan(10);
    }
  });

  it('takes one more connection when the server closed an idle one under a safe request', async () => {
    let answered = 0;
    const server = await startTcpTarget((socket) => {
      let inConnection = 0;
      socket.on('data', () => {
        // The second request of a connection meets a close instead of an answer, as after an idle timeout.
        if (++inConnection > 1) return socket.resetAndDestroy();
        answered++;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    targets.push(server);
    const result = await measure(
      probeOf({ kind: 'http', samples: 3, steps: [{ name: 'a', request: { url: server.url } }] }),
    );
    expect(result.passes.map((pass) => pass.complete)).toEqual([true, true, true]);
    expect(answered).toBeGreaterThanOrEqual(4);
  });

  it('follows redirects only when asked, keeps credentials at home, and stops at its limit', async () => {
    const other = await target((_, response) => json(response, 200, { at: 'other' }));
    const home = await target((request, response) => {
      response.writeHead(302, { location: request.url === '/loop' ? '/loop' : `${other.url}/end` });
      response.end();
    });
    const ask = async (path: string, rest: object) =>
      firstStep(
        await measure(
          get(`${home.url}${path}`, {
            request: { url: `${home.url}${path}`, auth: { bearer: 'secret-token' }, ...rest },
          }),
        ),
      );
    expect((await ask('/go', {})).evidence?.response?.status).toBe(302);
    expect((await ask('/go', { followRedirects: 3 })).evidence?.response?.status).toBe(200);
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect((await ask('/loop', { followRedirects: 3 })).failure).toMatchObject({
      kind: 'redirect',
      message: 'more than 3 redirects, the last to "/loop"',
    });
  });

  it('decodes a compressed body before it looks at it', async () => {
    const packed = await target((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
      response.end(gzipSync('{"ok":true}'));
    });
    expect(firstStep(await measure(get(packed.url, { expect: { json: { '$.ok': true } } }))).status).toBe('done');
  });

  it('keeps what it measured when the deadline comes, and says so', async () => {
    let answers = 0;
    const tiring = await target((_, response) => {
      if (++answers <= 3) json(response, 200, {});
    });
    const probe = probeOf({
      kind: 'http',
      samples: 50,
      timeout: '1s',
      deadline: '1500ms',
      steps: [{ name: 'a', request: { url: tiring.url } }],
    });
    const result = await measure(probe);
    expect(result.deadlineReached).toBe(true);
    expect(result.passes.filter((pass) => pass.complete)).toHaveLength(2);
    expect(result.passes.length).toBeLessThan(50);
  });

  it('rejects when the caller aborts, after the cleanup', async () => {
    const hanging = await target((request, response) => {
      if (request.method === 'DELETE') json(response, 204, {});
    });
    const abort = new AbortController();
    const probe = probeOf({
      kind: 'http',
      samples: 1,
      steps: [{ name: 'a', request: { url: hanging.url } }],
      cleanup: [{ name: 'z', request: { method: 'DELETE', url: hanging.url } }],
    });
    const measuring = measure(probe, contextOf(), abort.signal);
    await expect.poll(() => hanging.requests.length).toBe(1);
    abort.abort(new Error('stop'));
    await expect(measuring).rejects.toThrow('stop');
    expect(hanging.requests.map((request) => request.method)).toEqual(['GET', 'DELETE']);
  });

  it('skips the step that needs a variable which is not set, and what hangs on its captures', async () => {
    const plain = await target((_, response) => json(response, 200, { id: 1 }));
    const probe = probeOf(
      {
        kind: 'http',
        samples: 1,
        steps: [
          { name: 'always', request: { url: plain.url } },
          { name: 'rule', request: { url: `${plain.url}/{{ruleId}}` }, capture: { run: '$.id' } },
          { name: 'poll', request: { url: `${plain.url}/{{run}}` } },
        ],
      },
      { ruleId: { from: ['flag'] } },
    );
    const result = await measure(probe);
    expect(result.passes[0]?.steps.map((step) => step.status)).toEqual(['done', 'skipped', 'skipped']);
    expect(firstStep(result, 1).reason).toMatch(/ruleId/);
    expect(plain.requests.map((request) => request.path)).toEqual(['/']);
  });

  describe('whose own event loop is late', () => {
    const late = { ...contextOf(), taintedAboveMs: -1 };

    it('marks the sample and repeats it once where that changes nothing', async () => {
      const plain = await target((_, response) => json(response, 200, {}));
      const result = await measure(get(plain.url), late);
      expect(result.repeated).toHaveLength(1);
      expect(result.passes.map((pass) => pass.tainted)).toEqual([true]);
      expect(result.self.taintedSamples).toBe(1);
      expect(plain.requests).toHaveLength(2);
    });

    it('never repeats a request with side effects, nor an answer that was wrong', async () => {
      const plain = await target((request, response) => json(response, request.method === 'POST' ? 200 : 500, {}));
      const write = probeOf({
        kind: 'http',
        samples: 1,
        steps: [{ name: 'a', request: { method: 'POST', url: plain.url } }],
      });
      expect((await measure(write, late)).repeated).toEqual([]);
      expect((await measure(get(plain.url), late)).repeated).toEqual([]);
      expect(plain.requests).toHaveLength(2);
    });

    it('keeps a sample that was slower than our delay can explain: a second try must not wipe out a slow-down', async () => {
      const { clock, pass } = handClock();
      let requests = 0;
      const limping = await target(async (_, response) => {
        if (++requests === 1) await pass(120);
        json(response, 200, {});
      });
      const result = await measure(get(limping.url), { ...late, clock });
      expect(result.passes[0]?.latencyMs).toBe(120);
      expect(result.passes[0]?.tainted).toBe(false);
      expect(result.repeated).toHaveLength(1);
    });

    it('is seen for real: a block of the loop during a sample taints it', async () => {
      const plain = await target((_, response) => {
        const end = performance.now() + 40;
        while (performance.now() < end);
        json(response, 200, {});
      });
      const result = await measure(get(plain.url), { ...contextOf(), taintedAboveMs: 20 });
      expect(result.passes[0]?.loopDelayMs).toBeGreaterThan(20);
      expect(result.passes[0]?.tainted).toBe(true);
    });
  });
});

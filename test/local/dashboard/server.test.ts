import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Dashboard, startDashboard } from '../../../lib/local/dashboard/server.ts';
import type { DashboardSource } from '../../../lib/local/dashboard/source.ts';
import { badDay, manyProbes, probeView, type Watch, watchOf } from '../../support/dashboard.ts';
import { poisoned } from '../../support/documents.ts';
import { everything } from '../../support/example-document.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const open: Dashboard[] = [];

const serve = async (source: DashboardSource, host = '127.0.0.1', at = clock): Promise<Dashboard> => {
  const dashboard = await startDashboard(source, { host, port: 0, clock: at });
  open.push(dashboard);
  return dashboard;
};
const serveBadDay = async (): Promise<{ watch: Watch; url: string }> => {
  const watch = watchOf(badDay());
  return { watch, url: (await serve(watch.source)).url };
};

afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));

/** A request as no browser would make it. */
const ask = (
  url: string,
  path: string,
  options: { method?: string; host?: string } = {},
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const { port, hostname } = new URL(url);
    const headers = options.host === undefined ? {} : { host: options.host };
    const made = request(
      { host: hostname.replace(/^\[|\]$/g, ''), port, path, method: options.method ?? 'GET', headers },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    made.on('error', reject);
    made.end();
  });

describe('the dashboard server', () => {
  it('answers the page, its files and its data, and HEAD of each without a body', async () => {
    const { watch, url } = await serveBadDay();
    const id = watch.runs()[0]?.runId;
    const types: Readonly<Record<string, string>> = {
      '/': 'text/html; charset=utf-8',
      '/?probe=api-read': 'text/html; charset=utf-8',
      '/assets/main.js': 'text/javascript; charset=utf-8',
      '/assets/uplot.js': 'text/javascript; charset=utf-8',
      '/assets/style.css': 'text/css; charset=utf-8',
      '/assets/icon.svg': 'image/svg+xml; charset=utf-8',
      '/api/state': 'application/json; charset=utf-8',
      '/api/history?probe=api-read': 'application/json; charset=utf-8',
      [`/api/run/${id}`]: 'application/json; charset=utf-8',
      [`/report/${id}`]: 'text/html; charset=utf-8',
    };
    for (const [path, type] of Object.entries(types)) {
      const got = await fetch(url + path);
      expect([path, got.status, got.headers.get('content-type')]).toEqual([path, 200, type]);
      const body = await got.text();
      const head = await fetch(url + path, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
      expect(body.length).toBeGreaterThan(50);
    }
    expect((await fetch(`${url}/api/events`, { method: 'HEAD' })).headers.get('content-type')).toBe(
      'text/event-stream',
    );
  });

  it('lets nothing in from elsewhere and nothing be kept, whatever it answers', async () => {
    const { watch, url } = await serveBadDay();
    for (const path of ['/', '/api/state', '/assets/main.js', '/nowhere', `/report/${watch.runs()[0]?.runId}`]) {
      const { headers } = await fetch(url + path, { headers: { origin: 'https://evil.example' } });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it.each([
    ['/nowhere', 404],
    ['//evil.example/', 404],
    ['/assets/', 404],
    ['/assets/nothing.js', 404],
    ['/assets/../server.ts', 404],
    ['/assets/..%2f..%2fserver.ts', 404],
    ['/assets/__proto__', 404],
    ['/assets/tsconfig.json', 404],
    ['/api', 404],
    ['/api/run/', 404],
    ['/api/history', 400],
    ['/api/history?probe=', 400],
    [`/api/history?probe=${'x'.repeat(201)}`, 400],
    ['/api/history?probe=nobody', 404],
    ['/api/history?probe=__proto__', 404],
    ['/api/history?probe=%ff%00', 404],
    ['/api/run/nothing', 400],
    ['/api/run/%', 400],
    ['/api/run/..%2f..%2fetc%2fpasswd', 400],
    [`/api/run/${"'; drop table run; --".padEnd(26, '-')}`.replaceAll(' ', '%20'), 400],
    [`/api/run/${'a'.repeat(26)}`, 404],
    [`/report/${'a'.repeat(26)}`, 404],
    ['http://evil.example/', 404],
    ['*', 404],
  ])('answers %s with %i and does not repeat it', async (path, status) => {
    const { url } = await serveBadDay();
    const got = await ask(url, path);
    expect(got.status).toBe(status);
    expect(Object.keys(JSON.parse(got.body))).toEqual(['error']);
    expect(got.body).not.toMatch(/evil|passwd|drop table/);
  });

  it('changes nothing: every method but GET and HEAD is refused', async () => {
    const { url } = await serveBadDay();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const got = await fetch(`${url}/api/state`, { method });
      expect([got.status, got.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  it.each(['localhost', 'LOCALHOST:80', '127.0.0.1:9', '127.9.9.9', '[::1]:3000'])(
    'answers to the host %s',
    async (host) => {
      const { url } = await serveBadDay();
      expect((await ask(url, '/', { host })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'notlocalhost',
    '10.0.0.1',
    'user@localhost',
    'localhost, evil.example',
    '[::2]',
    '0.0.0.0',
    'localhost:80:80',
  ])('does not answer to the host %s, as a page that rebinds its name would send', async (host) => {
    const { url } = await serveBadDay();
    for (const path of ['/', '/api/state', '/assets/main.js', '/api/events']) {
      expect((await ask(url, path, { host })).status).toBe(403);
    }
  });

  it('does not answer a request without a host', async () => {
    const { url } = await serveBadDay();
    const said = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
        socket.write('GET /api/state HTTP/1.0\r\n\r\n'),
      );
      socket.on('data', (data) => resolve(String(data)));
    });
    expect(said).toMatch(/^HTTP\/1\.1 403/);
  });

  it('bound to every interface it answers to addresses, and still to no foreign name', async () => {
    const { url } = await serve(watchOf([]).source, '0.0.0.0');
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect((await ask(url.replace('localhost', '127.0.0.1'), '/', { host: '10.1.2.3:80' })).status).toBe(200);
    expect((await ask(url.replace('localhost', '127.0.0.1'), '/', { host: 'evil.example' })).status).toBe(403);
  });

  it('says in words that a port is taken', async () => {
    const { url } = await serveBadDay();
    const port = Number(new URL(url).port);
    await expect(startDashboard(watchOf([]).source, { host: '127.0.0.1', port, clock })).rejects.toThrow(
      `the dashboard cannot listen on port ${port} of 127.0.0.1: something else does already; choose another port, or 0 for any`,
    );
  });

  it('tells a source that fails as a 500 without its words, and asks it again the next time', async () => {
    const watch = watchOf(badDay());
    let broken = true;
    const probes = () => (broken ? Promise.reject(new Error('hunter2 at /secret/store')) : watch.source.probes());
    const { url } = await serve({ ...watch.source, probes });
    const bad = await fetch(`${url}/api/state`);
    expect(bad.status).toBe(500);
    expect(await bad.text()).not.toMatch(/hunter2|secret/);
    broken = false;
    expect((await fetch(`${url}/api/state`)).status).toBe(200);
  });

  it('sends a page of the probes at a time: with 1,000 an answer stays small', async () => {
    const watch = watchOf(manyProbes(1000));
    const { url } = await serve(watch.source);
    const body = await (await fetch(`${url}/api/state`)).text();
    expect(body.length).toBeLessThan(400_000);
    const view = JSON.parse(body);
    expect([view.total, view.matching, view.pages, view.probes.length]).toEqual([1000, 1000, 40, 25]);
    const last = JSON.parse(await (await fetch(`${url}/api/state?page=9999`)).text());
    expect([last.page, last.probes.at(-1).id]).toEqual([40, 'probe-1000']);
  });

  it('shows what acts instead of showing as an escape, in every field', async () => {
    const hostile = 'a\u202eb\u0000\u001b[2J';
    const { document } = poisoned(everything(), hostile);
    const runs = document.runs.map((run) => ({
      ...run,
      runId: 'a'.repeat(26),
      probe: 'p',
      slot: '2026-04-07T13:00:00Z',
    }));
    const watch = watchOf([probeView('p', { description: hostile, runs })]);
    const { url } = await serve(watch.source);
    for (const path of ['/api/state', '/api/history?probe=p', `/api/run/${'a'.repeat(26)}`]) {
      const body = await (await fetch(url + path)).text();
      const values: string[] = [];
      JSON.parse(body, (_, value) => (typeof value === 'string' ? values.push(value) && value : value));
      expect(values).toContain('a\\u202eb\\x00\\x1b[2J');
      const acting = ['\u202e', '\u0000', '\u001b'];
      expect(values.filter((value) => acting.some((one) => value.includes(one)))).toEqual([]);
    }
  });
});

describe('its live stream', () => {
  /** The events of a stream as they come. */
  const listen = async (url: string) => {
    const abort = new AbortController();
    const response = await fetch(`${url}/api/events`, { signal: abort.signal });
    const seen: string[] = [];
    let waiting: (() => void)[] = [];
    const ended = (async () => {
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += new TextDecoder().decode(chunk);
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) seen.push(/event: (.*)/.exec(part)?.[1] ?? '');
        for (const wake of waiting) wake();
        waiting = [];
      }
    })();
    const until = async (count: number) => {
      while (seen.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    };
    return { response, seen, until, ended, abort };
  };

  it('says hello, then that something changed: a hundred changes at once are one event', async () => {
    const watch = watchOf(badDay());
    // Its clock stands: however long the machine pauses, the second event is due half a second after the first.
    const { url } = await serve(watch.source, '127.0.0.1', { ...clock, monotonic: () => 1_000 });
    const { response, seen, until } = await listen(url);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await until(1);
    for (let n = 0; n < 100; n += 1) watch.announce();
    await until(2);
    const againMs = performance.now();
    watch.announce();
    watch.announce();
    await until(3);
    expect(seen).toEqual(['hello', 'change', 'change']);
    expect(performance.now() - againMs).toBeGreaterThan(490);
  });

  it('reads the probes once for every page until the next change', async () => {
    const { watch, url } = await serveBadDay();
    await Promise.all([1, 2, 3].map(() => fetch(`${url}/api/state`)));
    await fetch(`${url}/api/state?text=api`);
    expect(watch.asked.probes).toBe(1);
    watch.announce();
    await fetch(`${url}/api/state`);
    expect(watch.asked.probes).toBe(2);
  });

  it('ends with the server: close() waits for no reader, frees the port and lets go of the watch', async () => {
    const watch = watchOf(badDay());
    const dashboard = await serve(watch.source);
    const readers = await Promise.all([1, 2, 3].map(() => listen(dashboard.url)));
    expect(watch.listeners()).toBe(1);
    await dashboard.close();
    await Promise.all(readers.map((one) => one.ended.catch(() => undefined)));
    expect(watch.listeners()).toBe(0);
    await expect(fetch(dashboard.url)).rejects.toThrow();
    watch.announce();
    await dashboard.close();
    const again = await startDashboard(watch.source, {
      host: '127.0.0.1',
      port: Number(new URL(dashboard.url).port),
      clock,
    });
    open.push(again);
    expect((await fetch(again.url)).status).toBe(200);
  });

  it('outlives readers that go without a word', async () => {
    const { watch, url } = await serveBadDay();
    const [gone, stays] = [await listen(url), await listen(url)];
    await Promise.all([gone.until(1), stays.until(1)]);
    gone.abort.abort();
    await gone.ended.catch(() => undefined);
    watch.announce();
    await stays.until(2);
    expect(stays.seen.at(-1)).toBe('change');
  });
});

import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import type { PageEvent } from '../../lib/page/event.ts';
import type { Store } from '../../lib/result/store.ts';
import { type Desk, openDesk, type Running, until } from './cli.ts';
import { startHttpTarget, type Target } from './http-target.ts';

export type Hook = {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
  readonly event: PageEvent;
};

/** A service that can be broken, and whoever is told of it. */
export type Scene = {
  readonly target: Target;
  readonly hooks: readonly Hook[];
  /** Status that the service answers, and the one of its webhooks. */
  readonly answers: { service: number; hook: number };
  readonly desk: Desk;
};

export const setScene = async (): Promise<Scene> => {
  const hooks: Hook[] = [];
  const answers = { service: 200, hook: 204 };
  const target = await startHttpTarget((request, response) => {
    if (request.url === '/hang') return;
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.url?.startsWith('/hook')) hooks.push({ headers: request.headers, body, event: JSON.parse(body) });
      response.statusCode = request.url?.startsWith('/hook') ? answers.hook : answers.service;
      response.end('{}');
    });
  });
  onTestFinished(() => target.close());
  return { target, hooks, answers, desk: openDesk() };
};

export const hookSecret = 'correct-horse-battery-staple';

/** A config of one probe that runs each second, breaches with one bad run and recovers with one good one. */
export const configOf = ({ target }: Scene, probe: object = {}, more: object = {}) => ({
  service: 'shop',
  variables: { hookSecret: { from: ['env:HOOK_SECRET'], secret: true, required: true } },
  probes: [
    {
      id: 'front',
      kind: 'http',
      schedule: { every: '1s' },
      samples: 1,
      severity: 'page',
      runbook: 'https://runbooks.example/front',
      alarm: { breachAfter: 1, recoverAfter: 1 },
      steps: [{ name: 'get', request: { url: `${target.url}/front` }, expect: { status: 200 } }],
      ...probe,
    },
  ],
  notify: { page: [{ webhook: { url: `${target.url}/hook`, secret: '{{hookSecret}}' } }] },
  ...more,
});

export type Watching = Running & {
  /** All of stdout and stderr so far. */
  said(): string;
};

/** `plimsoll watch` as a process of its own, over `plimsoll.json` of the desk; with a dashboard when a port is given. */
export const startWatching = ({ desk }: Scene, ...args: readonly string[]): Watching => {
  const dashboard = args.includes('--port') ? [] : ['--no-dashboard'];
  const running = desk.start(['watch', '-c', 'plimsoll.json', ...dashboard, ...args], { HOOK_SECRET: hookSecret });
  let said = '';
  for (const stream of [running.process.stdout, running.process.stderr]) {
    stream?.on('data', (text: string) => {
      said += text;
    });
  }
  return { ...running, said: () => said };
};

export const untilSaid = (watching: Watching, text: string): Promise<void> =>
  until(() => watching.said().includes(text) || watching.process.exitCode !== null);

/** The store of a desk's default data folder, while nobody or somebody else has it open. */
export const openDeskStore = async ({ desk }: Scene): Promise<Store> => {
  const path = join(desk.folder, '.plimsoll', 'plimsoll.db');
  const store = await openSqliteStore({ path, clock: { now: Date.now, monotonic: () => performance.now() } });
  onTestFinished(() => store.close());
  return store;
};

/** As a receiver would check it: https://docs of every signed webhook say the same. */
export const isSigned = ({ headers, body }: Hook, secret: string): boolean => {
  const [, at = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-plimsoll-signature'])) ?? [];
  return createHmac('sha256', secret).update(`${at}.${body}`).digest('hex') === signature;
};

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Faults } from '../../examples/notes-server/options.ts';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import { documentOf, openDesk, root } from '../support/cli.ts';
import { notesServer } from '../support/notes-server.ts';

const config = join(root, 'examples/realtime-sync/plimsoll.config.ts');
const docs = join(root, 'docs/sequences.md');

/** Somebody breaks the stream: how, and the sentence that must name it. */
type Row = {
  readonly fault: string;
  readonly proxy?: string;
  readonly server?: Partial<Faults>;
  readonly says: RegExp;
};

const rows: readonly Row[] = [
  {
    fault: 'an event is dropped',
    proxy: 'drop in event_code=automation_run_running',
    says: /at "commit order": inOrder by sequence 3 of 4 never came within [\d,]+ ms/,
  },
  {
    fault: 'an event comes twice',
    proxy: 'duplicate in event_code=note_patched',
    says: /^monotonic \$sequence .* stayed at \d+ at frame/,
  },
  {
    fault: 'two events change places',
    proxy: 'reorder in event_code=automation_run_queued',
    says: /^chain .* came (?:before|after) automation_run/,
  },
  {
    fault: 'an event that nobody awaits is missing',
    proxy: 'drop in event_code=operation_rejected',
    says: /^gapless \$cursor .* jumps from \d+ to \d+ at frame/,
  },
  {
    fault: 'a stale ack is accepted',
    server: { acceptStaleAck: true },
    says: /at "ack of the past is refused": .*accepted/,
  },
  {
    fault: 'the stream falls silent',
    proxy: 'silence@nth:2 in event_code=automation_run_queued',
    says: /the connection is silent: not even a ping was answered/,
  },
  {
    fault: 'an unknown type breaks the stream',
    proxy: 'frame:cut in event_code=future_workspace_event',
    says: /^unknownTypes tolerate .*the connection broke/,
  },
  {
    fault: 'a replay leaves an event out',
    proxy: 'drop@nth:3 in event_code=operation_applied',
    says: /at "replay of the workspace": /,
  },
];

const runAgainst = async (url: string, wsUrl: string) => {
  const desk = openDesk();
  const args = ['run', '--config', config, '--json', '--set', `baseUrl=${url}`, '--set', `wsUrl=${wsUrl}`];
  const finished = await desk.run(args);
  return { code: finished.code, run: documentOf(finished).runs[0] };
};

/** The sentence, without what differs from run to run. */
const plain = (reason: string): string =>
  reason
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    .replace(/#\d+/g, '#n')
    .replace(/\b(from|to|at|is|was|stayed at|after) \d+\b/g, '$1 n')
    .replace(/; (?:no|\d+) frames? seen since[^;]*/, '')
    .replace(/ \(and [\d,]+ more\)/, '')
    .replaceAll('|', '\\|');

const told = new Map<string, string>();

describe('the realtime-sync example', () => {
  it('passes against a sound server, five times over', async () => {
    const server = await notesServer();
    const { code, run } = await runAgainst(server.url, server.wsUrl);
    expect(run?.reasons).toEqual([]);
    expect(code).toBe(0);
    expect(run?.steps[0]?.soak).toMatchObject({ iterations: 5, failed: 0 });
    expect(run?.checks.filter(({ inconclusive }) => inconclusive > 0)).toEqual([]);
  });

  it.each(rows)('fails when $fault, and says so', async ({ fault, proxy, server, says }) => {
    const target = await notesServer(server ? { faults: server } : {});
    const between = await startFaultProxy({ target: target.url, faults: proxy === undefined ? [] : faultsOf(proxy) });
    onTestFinished(() => between.close());
    const { code, run } = await runAgainst(between.url, `${between.wsUrl}/ws`);
    const reasons = (run?.reasons ?? []).flatMap((reason) => reason.split('\n'));
    expect(
      reasons.filter((reason) => says.test(reason)),
      reasons.join('\n'),
    ).not.toEqual([]);
    expect(run?.verdict).toBe('fail');
    expect(code).toBe(1);
    told.set(fault, plain(reasons.find((reason) => says.test(reason)) ?? ''));
  });

  // Last: it holds the table in the docs against what the rows above have said. UPDATE_DOCS=1 writes it anew.
  afterAll(() => {
    if (told.size < rows.length) return;
    const lines = rows.map(
      ({ fault, proxy, server }) =>
        `| ${fault} | ${proxy === undefined ? `server: \`${Object.keys(server ?? {}).join()}\`` : `\`${proxy}\``} | ${told.get(fault)} |`,
    );
    const table = ['| fault | made by | the run says |', '| --- | --- | --- |', ...lines].join('\n');
    const [before = '', rest = ''] = readFileSync(docs, 'utf8').split('<!-- faults -->\n');
    const [, after = ''] = rest.split('\n<!-- /faults -->');
    const text = `${before}<!-- faults -->\n${table}\n<!-- /faults -->${after}`;
    if (process.env.UPDATE_DOCS === '1') writeFileSync(docs, text);
    expect(readFileSync(docs, 'utf8')).toBe(text);
  });
});

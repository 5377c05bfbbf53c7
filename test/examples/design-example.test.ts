import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentOf, openDesk, root, runOf } from '../support/cli.ts';
import { notesServer, TOKEN } from '../support/notes-server.ts';

const example = readFileSync(join(root, 'test', 'fixtures', 'design-example.json'), 'utf8');

/** Runs DESIGN.md's example against a seeded notes server on a free port. */
const runExample = async (...args: readonly string[]) => {
  const server = await notesServer();
  const desk = openDesk();
  const config = desk.write('example.json', example);
  const target = ['--set', `baseUrl=${server.url}`, '--set', `wsUrl=${server.wsUrl}`];
  const ran = await desk.run(['run', '--config', config, '--json', ...target, ...args], { PLIMSOLL_TOKEN: TOKEN });
  return { ran, document: documentOf(ran) };
};

describe('DESIGN.md’s example against notes-server --seed', () => {
  it('passes with exit 0, and skips rule-poll with its reason where ruleId is missing', async () => {
    const { ran, document } = await runExample();
    expect(ran.code, ran.stdout).toBe(0);
    expect(document).toMatchObject({ schema: 1, service: 'notes', environment: 'dev', verdict: 'pass' });
    expect(document.runs.map(({ probe, status, verdict }) => [probe, status, verdict])).toEqual([
      ['api-read', 'done', 'pass'],
      ['rule-poll', 'skipped', null],
      ['ws-replay', 'done', 'pass'],
    ]);
    expect(runOf(document, 'rule-poll').reasons).toEqual(['no step can run: `ruleId` is not set (step `run`)']);
    expect(document.variables.map(({ name, source }) => [name, source])).toEqual([
      ['baseUrl', 'flag'],
      ['wsUrl', 'flag'],
      ['token', 'env:PLIMSOLL_TOKEN'],
      ['ruleId', null],
      ['pagerdutyKey', null],
    ]);
    expect(ran.stdout + ran.stderr).not.toContain(TOKEN);
  });

  it('measures what its document says: samples, phases, series, checks and thresholds', async () => {
    const { document } = await runExample('api-read', 'ws-replay');
    const read = runOf(document, 'api-read');
    expect(read).toMatchObject({ samples: 20, planned: 20, severity: 'page', reasons: [] });
    expect(read.runbook).toBe('https://runbooks.example/api-read');
    expect(read.steps.map(({ name, status, samples }) => [name, status, samples])).toEqual([
      ['list', 'done', 20],
      ['one', 'done', 20],
    ]);
    expect(read.series.map(({ name, connection }) => [name.replace(/:\d+$/, ''), connection])).toEqual([
      ['total', 'keep-alive'],
      ['step:list', 'keep-alive'],
      ['step:one', 'keep-alive'],
      ['connect:http://127.0.0.1', 'fresh'],
    ]);
    expect(read.checks.map(({ step, name, passed, total }) => [step, name, passed, total])).toEqual([
      ['list', 'status equals 200', 20, 20],
      ['list', 'header content-type contains "json"', 20, 20],
      ['list', 'json $.items has length >= 1', 20, 20],
      ['one', 'status equals 200', 20, 20],
    ]);
    expect(read.slo.map(({ threshold, passed }) => [threshold, passed])).toEqual([
      ['objective 99.9%', true],
      ['p(95)<400', true],
      ['p(99)<700', true],
      ['failed<1%', true],
      ['checks>99%', true],
    ]);
    expect(read.baseline).toMatchObject({ state: 'none', ratio: null, interval: null });
    const { min, p50, p95, max } = read.latencyMs;
    expect([min, p50, p95, max]).toEqual([min, p50, p95, max].toSorted((a, b) => Number(a) - Number(b)));
    const stream = runOf(document, 'ws-replay');
    expect(stream).toMatchObject({ samples: 1, verdict: 'pass' });
    expect(stream.checks.map(({ name, passed }) => [name.split(' ')[0], passed])).toEqual([
      ['inOrder', 1],
      ['monotonic', 1],
      ['noDuplicates', 1],
    ]);
  });

  it('runs rule-poll to its end where ruleId is set', async () => {
    const { ran, document } = await runExample('--set', 'ruleId=rule-1', 'rule-poll');
    expect(ran.code, ran.stdout).toBe(0);
    const run = runOf(document, 'rule-poll');
    expect(run).toMatchObject({ status: 'done', verdict: 'pass', samples: 1, reasons: [] });
    expect(run.checks.map(({ step, name }) => [step, name])).toEqual([
      ['run', 'status equals 202'],
      ['poll', 'until json $.status is one of ["succeeded","failed"]'],
      ['poll', 'json $.status equals "succeeded"'],
    ]);
    expect(run.exemplar?.steps.find(({ step }) => step === 'poll')?.attempts).toBeGreaterThan(1);
  });

  it('fails where the rule fails, and says so', async () => {
    const { ran, document } = await runExample('--set', 'ruleId=rule-failing', 'rule-poll');
    expect(ran.code).toBe(1);
    expect(runOf(document, 'rule-poll')).toMatchObject({
      verdict: 'fail',
      reasons: ['poll: json $.status equals "succeeded" failed: got "failed"'],
    });
  });
});

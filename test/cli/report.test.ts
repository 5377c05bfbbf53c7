import { readFileSync, truncateSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { documentOf, openDesk, runOf } from '../support/cli.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { readXml } from '../support/xml.ts';

/** Two probes of a target whose answer to the second can be turned bad, and a command line over them. */
const setUp = async () => {
  let status = 200;
  const target = await startHttpTarget((request, response) => json(response, request.url === '/b' ? status : 200, {}));
  onTestFinished(() => target.close());
  const desk = openDesk();
  const probe = (id: string) => ({
    id,
    kind: 'http',
    samples: 2,
    steps: [{ name: 'get', request: { url: `${target.url}/${id}` } }],
  });
  desk.write('plimsoll.json', { service: 'shop', probes: [probe('a'), probe('b'), probe('never')] });
  const run = async (...ids: readonly string[]) =>
    documentOf(await desk.run(['run', '-c', 'plimsoll.json', '--json', ...ids]));
  const report = (...args: readonly string[]) => desk.run(['report', '-c', 'plimsoll.json', ...args]);
  return { desk, target, run, report, answer: (with_: number) => (status = with_) };
};

describe('plimsoll report', () => {
  it('shows the very runs that were stored, and asks the target nothing', async () => {
    const { run, report, target } = await setUp();
    const made = await run('a', 'b');
    const asked = target.requests.length;
    const ran = await report('--json');
    expect(ran.code, ran.stderr).toBe(0);
    const shown = documentOf(ran);
    expect(shown.runs).toEqual(made.runs);
    expect({ ...shown, startedAt: made.startedAt, variables: made.variables }).toEqual(made);
    expect(target.requests).toHaveLength(asked);
  });

  it('shows the latest of each probe, those that are named, or one run by its id', async () => {
    const { run, report, answer } = await setUp();
    const first = runOf(await run('a', 'b'), 'b');
    answer(503);
    const second = runOf(await run('b'), 'b');
    const [all, named, earlier] = await Promise.all([
      report('--json'),
      report('--json', 'b'),
      report('--json', '--run', first.runId),
    ]);
    expect(runOf(documentOf(all), 'b')).toEqual(second);
    expect(documentOf(all).verdict).toBe('fail');
    // What is shown is shown: the verdict is the run's, and not the report's.
    expect(all.code).toBe(0);
    expect(documentOf(named).runs.map((each) => each.probe)).toEqual(['b']);
    expect(documentOf(earlier).runs).toEqual([first]);
  });

  it('writes every kind of report of what is stored, samples and all', async () => {
    const { desk, run, report, answer } = await setUp();
    answer(503);
    await run('b');
    const ran = await report('b', '--verbose', '--junit', 'j.xml', '--html', 'p.html', '--out', 'out');
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/✗ fail +b[\s\S]*get: answered 503 in 2 of 2 samples/);
    expect(readXml(readFileSync(desk.path('j.xml'), 'utf8')).attributes.failures).toBe('1');
    expect(readFileSync(desk.path('p.html'), 'utf8')).toMatch(/answered 503/);
    const summary = JSON.parse(readFileSync(desk.path('out/summary.json'), 'utf8'));
    expect(summary).toEqual(documentOf(await report('b', '--json')));
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'a probe that never ran',
      ['never'],
      /^plimsoll: no stored run of these probes in \.plimsoll: plimsoll run makes one\n$/,
    ],
    [
      'a run that is not there',
      ['--run', 'nope'],
      /^plimsoll: no stored run nope in \.plimsoll: plimsoll run makes one\n$/,
    ],
    ['a probe that is not there', ['nope'], /^plimsoll: no such probe: nope; the config has a, b, never\n$/],
    [
      'a page in a folder that is missing',
      ['--html', 'no/p.html'],
      /^plimsoll: no folder \S+\/no for no\/p\.html: make it first\n$/,
    ],
    [
      'another data folder, which stays away',
      ['--data', 'typo'],
      /^plimsoll: no stored run of these probes in typo: plimsoll run makes one\n$/,
    ],
  ])('refuses %s', async (_, args, sentence) => {
    const { desk, run, report } = await setUp();
    await run('a');
    const before = desk.list();
    const { code, stdout, stderr } = await report(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(desk.list()).toEqual(before);
  });

  it('is exit 3 and one sentence when the store is damaged', async () => {
    const { desk, run, report } = await setUp();
    await run('a');
    truncateSync(desk.path('.plimsoll/plimsoll.db'), 5000);
    const { code, stdout, stderr } = await report('--json');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^plimsoll: the store \S+ is damaged; .*\n$/);
  });
});

import { readFileSync, truncateSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../lib/local/sqlite.ts';
import type { ThresholdResult } from '../../lib/result/result.ts';
import { type Desk, type Finished, openDesk } from '../support/cli.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { makeStoredRun, type StoredRunOverrides } from '../support/runs.ts';
import { readXml } from '../support/xml.ts';

const hourMs = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

const probe = (id: string, overrides: object = {}) => ({
  id,
  kind: 'http',
  steps: [{ name: 'list', request: { url: 'http://127.0.0.1:1/' } }],
  ...overrides,
});

const config = {
  service: 'notes',
  probes: [probe('api-read'), probe('api-write'), probe('worker', { deferred: 'the worker does not exist yet' })],
  gate: {
    maxAge: '24h',
    inputs: { queue_lag_p95_s: { max: 15, required: true }, queue_lag_p99_s: { max: 30 } },
  },
};

/** Runs as they are stored: real ones in a real store. */
const store = async (desk: Desk, runs: readonly StoredRunOverrides[], folder = '.plimsoll'): Promise<void> => {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const opened = await openSqliteStore({ path: desk.path(`${folder}/plimsoll.db`), clock });
  for (const run of runs) expect(await opened.put(makeStoredRun(run))).toBe('stored');
  await opened.close();
};

const fresh: readonly StoredRunOverrides[] = [
  { probe: 'api-read', slot: ago(hourMs) },
  { probe: 'api-write', slot: ago(2 * hourMs) },
];
const good = ['--input', 'queue_lag_p95_s=8'];

const setUp = async (runs: readonly StoredRunOverrides[], overrides: object = {}) => {
  const desk = openDesk();
  desk.write('plimsoll.json', { ...config, ...overrides });
  if (runs.length > 0) await store(desk, runs);
  return { desk, gate: (...args: readonly string[]) => desk.run(['gate', '-c', 'plimsoll.json', ...args]) };
};

const answerOf = ({ stdout, stderr }: Finished) => {
  if (stdout === '') throw new Error(`nothing on stdout; stderr: ${stderr}`);
  return JSON.parse(stdout);
};

describe('plimsoll gate', () => {
  it('lets a release go when every scenario and every input is good: exit 0', async () => {
    const { gate } = await setUp(fresh);
    const { code, stdout, stderr } = await gate(...good);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^✓ pass +api-read +5 samples {2}p50 12.5 ms .* \d+ min ago\n/m);
    expect(stdout).toMatch(/^ +proof +run \S+, \d{4}-\d\d-\d\d /m);
    expect(stdout).toMatch(/^ +repeat +npx plimsoll run api-read --config plimsoll.json$/m);
    expect(stdout).toMatch(/^– deferred +worker\n +because +put off: the worker does not exist yet$/m);
    expect(stdout).toMatch(/^✓ pass +queue_lag_p95_s +8 {2}at most 15$/m);
    expect(stdout).toMatch(/^– not given +queue_lag_p99_s +– {2}at most 30$/m);
    expect(stdout).toMatch(/\n✓ pass {2}nothing broke it\n$/);
  });

  it('stops it at a bad scenario and at a bad input, and the last line names both: exit 1', async () => {
    const { gate } = await setUp([...fresh, { probe: 'api-write', slot: ago(hourMs), latencies: [5, null, 7] }]);
    const { code, stdout } = await gate(...good, '--input', 'queue_lag_p99_s=31');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ fail +api-write +3 samples[\s\S]*?because +1 of 3 samples were refused$/m);
    expect(stdout).toMatch(/\n✗ fail {2}broken by api-write, input queue_lag_p99_s\n$/);
  });

  it('does not know where a run is too old or not there, and says what to do: exit 3', async () => {
    const { gate } = await setUp([{ probe: 'api-read', slot: ago(72 * hourMs) }]);
    const { code, stdout } = await gate(...good, '--json');
    expect(code).toBe(3);
    const answer = JSON.parse(stdout);
    expect([answer.schema, answer.result, answer.undecided]).toEqual([1, 'inconclusive', ['api-read', 'api-write']]);
    expect(answer.scenarios[0].reasons).toEqual([
      'last run 3 d ago, and none over 24 h counts; run: npx plimsoll run api-read --config plimsoll.json',
    ]);
  });

  it('needs no store to say that it knows nothing, and makes none', async () => {
    const { desk, gate } = await setUp([]);
    const { code, stdout } = await gate(...good, '--data', 'typo');
    expect(code).toBe(3);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'no run of it is stored; run: npx plimsoll run api-read --config plimsoll.json --data typo',
    );
    expect(desk.list()).toEqual(['plimsoll.json']);
  });

  it('goes by the newest run that was carried out, past whatever was skipped since', async () => {
    const skips = Array.from({ length: 12 }, (_, index) => ({
      probe: 'api-read',
      slot: ago(hourMs - 60_000 * (index + 1)),
      latencies: [],
      run: { status: 'skipped', verdict: null, reasons: ['`token` is not set'] } as const,
    }));
    const { gate } = await setUp([...fresh, ...skips]);
    const [scenario] = answerOf(await gate('api-read', ...good, '--json')).scenarios;
    expect([scenario.result, scenario.notes]).toEqual(['pass', ['skipped 12 times since then: `token` is not set']]);
  });

  it('judges the probes that are named alone', async () => {
    const { gate } = await setUp([fresh[0] ?? {}]);
    const ran = await gate('api-read', ...good, '--json');
    expect(ran.code).toBe(0);
    const { scenarios, command } = answerOf(ran);
    expect(scenarios.map((one: { probe: string }) => one.probe)).toEqual(['api-read']);
    expect(command).toBe('npx plimsoll gate api-read --config plimsoll.json --input queue_lag_p95_s=8');
  });

  it.each<[string, readonly string[], object]>([
    ['by its flag', ['--advisory'], {}],
    ['by the config', [], { gate: { ...config.gate, advisory: true } }],
  ])('says the same when it is advisory %s, and that it is, and stops nothing: exit 0', async (_, args, overrides) => {
    const { gate } = await setUp([], overrides);
    const { code, stdout } = await gate('--input', 'queue_lag_p95_s=16', ...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^advisory: it stops nothing, whatever it says \(exit 0\)$/m);
    expect(stdout).toMatch(/\n✗ fail {2}broken by input queue_lag_p95_s; undecided: api-read, api-write\n$/);
  });

  it('asks for proof with --confident: five good samples settle nothing', async () => {
    const objective: ThresholdResult = {
      threshold: 'p(95)<400',
      actual: 40,
      unit: 'ms',
      passed: true,
      bad: 0,
      total: 5,
      budget: 0.05,
      interval: [0, 0.522],
      confident: 'inconclusive',
    };
    const { gate } = await setUp([{ probe: 'api-read', slot: ago(hourMs), run: { slo: [objective] } }]);
    const [observed, confident] = await Promise.all([
      gate('api-read', ...good),
      gate('api-read', ...good, '--confident'),
    ]);
    expect([observed.code, confident.code]).toEqual([0, 3]);
    expect(confident.stdout.replace(/\s+/g, ' ')).toMatch(/0 of 5 bad .* 54 more good samples would settle it/);
  });

  it('is loud about a deferral whose day has passed, and neither passes nor fails it', async () => {
    const late = probe('worker', { deferred: { reason: 'the worker does not exist yet', until: '2026-01-31' } });
    const { gate } = await setUp(fresh, { probes: [probe('api-read'), probe('api-write'), late] });
    const { code, stdout } = await gate(...good);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^– deferred +worker\n +because +OVERDUE: it was put off until 2026-01-31, /m);
    expect(stdout).toMatch(/^overdue deferrals: worker$/m);
  });

  it('writes every report that is asked for, and each tells the same', async () => {
    const { desk, gate } = await setUp([...fresh, { probe: 'api-write', slot: ago(hourMs), latencies: [null] }]);
    const { code, stdout } = await gate(...good, '--json', '--junit', 'j.xml', '--html', 'p.html', '--out', 'out');
    expect(code).toBe(1);
    const read = (file: string) => readFileSync(desk.path(file), 'utf8');
    expect(readXml(read('j.xml')).attributes).toMatchObject({ tests: '5', failures: '1', errors: '0', skipped: '2' });
    expect(read('p.html')).toContain('broken by api-write');
    const { checkedAt, ...written } = JSON.parse(read('out/gate.json'));
    expect({ ...written, checkedAt }).toEqual(JSON.parse(stdout));
    expect(read('out/gate.log')).toMatch(/\n✗ fail {2}broken by api-write\n$/);
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'a required input that is missing',
      [],
      /^plimsoll: input queue_lag_p95_s is required: add --input queue_lag_p95_s=NUMBER \(at most 15\)\n$/,
    ],
    [
      'inputs that are wrong, all at once',
      ['--input', 'queue_lag_p95_s=8s', '--input', 'lag=1'],
      /^plimsoll: the inputs are wrong:\n {2}--input queue_lag_p95_s: '8s' is no number; .*\n {2}--input lag: the config knows no such input; .*\n$/,
    ],
    [
      'a probe that is not there',
      ['nope', ...good],
      /^plimsoll: no such probe: nope; the config has api-read, api-write, worker\n$/,
    ],
    [
      'a page in a folder that is missing',
      [...good, '--html', 'no/p.html'],
      /^plimsoll: no folder \S+\/no for no\/p\.html: make it first\n$/,
    ],
  ])('refuses %s with exit 2, and says nothing of the release', async (_, args, sentence) => {
    const { gate } = await setUp(fresh);
    const { code, stdout, stderr } = await gate(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
  });

  it('is exit 3 and one sentence when the store is damaged', async () => {
    const { desk, gate } = await setUp(fresh);
    truncateSync(desk.path('.plimsoll/plimsoll.db'), 5000);
    const { code, stdout, stderr } = await gate(...good);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^plimsoll: the store \S+ is damaged; .*\n$/);
  });

  it('takes what plimsoll run stored, and its command repeats it as printed', async () => {
    let status = 200;
    const target = await startHttpTarget((_, response) => json(response, status, {}));
    onTestFinished(() => target.close());
    const desk = openDesk();
    const real = { id: 'home', kind: 'http', steps: [{ request: { url: target.url }, expect: { status: 200 } }] };
    desk.write('plimsoll.json', { service: 'shop', probes: [real] });
    const gate = () => desk.run(['gate', '-c', 'plimsoll.json', '--json']);
    const before = answerOf(await gate());
    expect(before.result).toBe('inconclusive');
    const again = before.scenarios[0].command.replace('npx plimsoll ', '').split(' ');
    expect((await desk.run(again)).code).toBe(0);
    const [after] = answerOf(await gate()).scenarios;
    expect([after.result, after.proof.samples, after.baseline.state]).toEqual(['pass', 5, 'none']);
    status = 500;
    await desk.run(again);
    const broken = await gate();
    expect([broken.code, answerOf(broken).broken]).toEqual([1, ['home']]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../lib/config/json-schema.ts';
import { formatProblems, type ParsedConfig, parseConfig } from '../../lib/config/parse.ts';
import type { Plan } from '../../lib/config/plan.ts';
import { loadConfigFile } from '../../lib/local/config-file.ts';

const fixtures = join(import.meta.dirname, '../fixtures');
const load = async (path: string): Promise<unknown> => {
  const loaded = await loadConfigFile(path);
  if (!loaded.ok) throw new Error(loaded.problem);
  return loaded.value;
};

const planOf = (result: ParsedConfig): Plan => {
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.plan;
};

/** What is wrong, as `path: message`. */
const complaints = (input: unknown): string[] => {
  const result = parseConfig(input);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path || 'config'}: ${message}`);
};

const get = { request: { url: 'https://a.example' } };
const open = { connect: { url: 'wss://a.example' } };
type Fields = Readonly<Record<string, unknown>>;
const withProbe = (probe: Fields, config: Fields = {}): unknown => ({
  service: 'notes',
  probes: [{ id: 'a', kind: 'http', steps: [get], ...probe }],
  ...config,
});
const withSteps = (...steps: unknown[]): unknown => withProbe({ kind: 'websocket', steps });
const withRequest = (request: Fields, step: Fields = {}): unknown =>
  withProbe({ steps: [{ request: { url: 'https://a.example', ...request }, ...step }] });
const withExpect = (expected: Fields): unknown => withRequest({}, { expect: expected });

const good = ['design-example.json', ...readdirSync(join(fixtures, 'good')).map((name) => join('good', name))];

describe('a good config', () => {
  it.each(good)('%s loads, and fits the published JSON Schema', async (name) => {
    const value = await load(join(fixtures, name));
    planOf(parseConfig(value));
    const validation = new Validator(jsonSchema(), '2020-12').validate(value);
    expect(validation.errors).toEqual([]);
  });

  it('becomes a plan that is plain JSON and frozen to the last leaf', async () => {
    const plan = planOf(parseConfig(await load(join(fixtures, 'good/everything.yaml'))));
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(plan)).toBe(true);
  });

  it('is not changed by the parse', async () => {
    const value = await load(join(fixtures, 'bad/types.yaml'));
    const before = structuredClone(value);
    parseConfig(value);
    expect(value).toEqual(before);
  });

  it('gets every default', () => {
    const { probes, ...rest } = planOf(parseConfig(withProbe({})));
    expect(rest).toEqual({
      service: 'notes',
      variables: {},
      targets: {},
      drills: [],
      notify: { page: [], ticket: [], monitoring: [] },
      network: { allow: [] },
      maintenance: [],
      metrics: 'service',
      retention: { runsMs: 90 * 86_400_000, runCadences: 200, samplesMs: 400 * 86_400_000 },
      cloud: { keep: [], customerKey: false, maxConcurrency: 50 },
    });
    expect(probes).toEqual([
      {
        id: 'a',
        kind: 'http',
        samples: 5,
        timeoutMs: 10_000,
        deadlineMs: 600_000,
        severity: 'ticket',
        alarm: {
          breachAfter: { bad: 2, of: 3 },
          recoverAfter: 2,
          recoverWhen: [],
          confirmAfterMs: null,
          overdueAfter: 2,
          deployGraceMs: 0,
          dedicated: false,
        },
        enabled: true,
        needs: [],
        codec: {
          name: 'json',
          dialect: {
            fields: {
              type: ['type'],
              id: ['id'],
              stream: ['stream'],
              cursor: ['cursor'],
              sequence: ['event_seq', 'eventSeq'],
              code: ['code', 'event_code'],
            },
            roles: {},
            types: [],
            operations: {},
          },
        },
        steps: [
          {
            type: 'request',
            name: '1 GET /',
            timeoutMs: 10_000,
            thresholds: [],
            request: {
              method: 'GET',
              url: 'https://a.example',
              headers: {},
              query: {},
              maxRedirects: 0,
              cookies: true,
              tls: { verify: true },
              maxBodyBytes: 10_485_760,
            },
            expect: { header: {}, cookie: {}, json: {}, tls: {} },
            capture: {},
          },
        ],
        cleanup: [],
        invariants: [],
        baseline: { enabled: true, maxRegression: 0.2, severity: 'ticket', onDeploy: 'keep' },
      },
    ]);
  });
});

describe('what a config means', () => {
  const probeOf = (probe: Fields) => planOf(parseConfig(withProbe(probe))).probes[0];
  const stepOf = (config: unknown) => planOf(parseConfig(config)).probes[0]?.steps.at(-1);
  const expectation = (expected: Fields) => {
    const step = stepOf(withExpect(expected));
    return step?.type === 'request' ? step.expect : undefined;
  };

  it.each([
    ['a websocket', { kind: 'websocket', steps: [open] }, 1],
    ['a flow with side effects', { steps: [get, { request: { method: 'POST', url: 'https://a.example' } }] }, 1],
    ['reading alone', { steps: [get, { request: { method: 'HEAD', url: 'https://a.example' } }] }, 5],
    ['what its author says', { samples: 7, kind: 'websocket', steps: [open] }, 7],
  ])('samples of %s', (_, probe, samples) => {
    expect(probeOf(probe)?.samples).toBe(samples);
  });

  it.each([
    [{ schedule: { every: '1m' } }, 60_000, 10_000],
    [{ schedule: { every: '5s' } }, 5000, 5000],
    [{ schedule: { cron: '0 13 * * 2' } }, 600_000, 10_000],
    [{ deadline: '2m', timeout: '30s' }, 120_000, 30_000],
  ])('deadline and timeout of %j', (probe, deadlineMs, timeoutMs) => {
    expect(probeOf(probe)).toMatchObject({ deadlineMs, timeoutMs });
  });

  it('a bare value is equal, an object of matchers is one, any other object is a value', () => {
    expect(
      expectation({
        status: 200,
        header: { ETag: { exists: false } },
        cookie: { a: 'x', b: { matches: '^s' }, c: { secure: true, maxAge: { gte: 60 } } },
        latency: { lt: '1.5s', gte: 3 },
        json: {
          '$.a': { b: 1 },
          '$.c': {},
          '$.d': { type: 'note', id: 1 },
          '$.e': { not: { oneOf: [1, 2] } },
          '$.f': [1],
        },
      }),
    ).toEqual({
      status: [{ op: 'equals', value: 200 }],
      header: { etag: [{ op: 'exists', value: false }] },
      cookie: {
        a: { value: [{ op: 'equals', value: 'x' }] },
        b: { value: [{ op: 'matches', value: '^s' }] },
        c: { secure: [{ op: 'equals', value: true }], maxAge: [{ op: 'gte', value: 60 }] },
      },
      latencyMs: [
        { op: 'lt', value: 1500 },
        { op: 'gte', value: 3 },
      ],
      json: {
        '$.a': [{ op: 'equals', value: { b: 1 } }],
        '$.c': [{ op: 'equals', value: {} }],
        '$.d': [{ op: 'equals', value: { type: 'note', id: 1 } }],
        '$.e': [{ op: 'not', matcher: [{ op: 'oneOf', value: [1, 2] }] }],
        '$.f': [{ op: 'equals', value: [1] }],
      },
      tls: {},
    });
  });

  it('a frame pattern splits into a subset and paths', () => {
    const step = stepOf(
      withSteps(open, { expect: { one: { type: 'ack', n: { gte: 1 }, '$.id': { gte: 1 }, $: { type: 'object' } } } }),
    );
    expect(step).toMatchObject({
      as: ['main'],
      withinMs: 10_000,
      expectation: {
        kind: 'one',
        pattern: {
          subset: { type: 'ack', n: { gte: 1 } },
          paths: { '$.id': [{ op: 'gte', value: 1 }], $: [{ op: 'type', value: 'object' }] },
        },
      },
    });
  });

  it('`within` outlives a default timeout', () => {
    expect(stepOf(withSteps(open, { expect: { one: {}, within: '30s' } }))).toMatchObject({
      withinMs: 30_000,
      timeoutMs: 30_000,
    });
  });

  it('captures may stand in the step or in `expect`', () => {
    const step = stepOf(
      withSteps(open, { expect: { one: {}, capture: { a: '$.a' } }, capture: { b: { body: 'x', secret: true } } }),
    );
    expect(step).toMatchObject({
      capture: { a: { from: 'json', path: '$.a', secret: false }, b: { from: 'body', pattern: 'x', secret: true } },
    });
  });

  it.each([
    [{ json: null }, { kind: 'json', json: null }],
    [{ form: { a: 1, b: true } }, { kind: 'form', fields: { a: '1', b: 'true' } }],
    [{ text: '' }, { kind: 'text', text: '' }],
    [
      { multipart: [{ name: 'f', value: 'x', filename: 'f.csv' }] },
      { kind: 'multipart', parts: [{ name: 'f', value: 'x', filename: 'f.csv' }] },
    ],
  ])('body %j', (request, body) => {
    expect(stepOf(withRequest({ method: 'POST', ...request }))).toMatchObject({ request: { body } });
  });

  it.each([
    [undefined, 0],
    [false, 0],
    [true, 5],
    [3, 3],
  ])('followRedirects %j follows %i', (followRedirects, maxRedirects) => {
    expect(stepOf(withRequest({ followRedirects }))).toMatchObject({ request: { maxRedirects } });
  });

  it.each([
    [2, { bad: 2, of: 2 }],
    ['2 of 3', { bad: 2, of: 3 }],
    [' 3 out of 10 ', { bad: 3, of: 10 }],
  ])('breachAfter %j', (breachAfter, meaning) => {
    expect(probeOf({ alarm: { breachAfter } })?.alarm.breachAfter).toEqual(meaning);
  });

  it.each([
    [false, { enabled: false, maxRegression: 0.2 }],
    [true, { enabled: true, maxRegression: 0.2 }],
    [{ maxRegression: '35%' }, { enabled: true, maxRegression: 0.35 }],
  ])('baseline %j', (baseline, meaning) => {
    expect(probeOf({ baseline })?.baseline).toEqual({ severity: 'ticket', onDeploy: 'keep', ...meaning });
  });

  it.each([
    [{ severity: 'page' }, { severity: 'page', onDeploy: 'keep' }],
    [{ onDeploy: 'restart' }, { severity: 'ticket', onDeploy: 'restart' }],
  ])('baseline %j goes to its own route, and outlives a deploy unless told', (baseline, meaning) => {
    expect(probeOf({ baseline })?.baseline).toMatchObject(meaning);
  });

  it.each([
    ['none on demand', {}, undefined, null],
    ['none where the next run is near', { every: '9m' }, undefined, null],
    ['a minute where it is far', { every: '10m' }, undefined, 60_000],
    ['a minute on a weekly cron', { cron: '0 13 * * 2' }, undefined, 60_000],
    ['none when it is turned off', { every: '1h' }, false, null],
    ['what its author says', { every: '1m' }, '15s', 15_000],
  ])('the extra run after a total failure is %s', (_, schedule, confirmAfter, confirmAfterMs) => {
    const probe = 'every' in schedule || 'cron' in schedule ? { schedule } : {};
    expect(probeOf({ ...probe, alarm: { confirmAfter } })?.alarm.confirmAfterMs).toBe(confirmAfterMs);
  });

  it('an alarm has its line of recovery, its patience with missing runs and its grace after a deploy', () => {
    const alarm = { recoverWhen: ['p(95)<350', 'failed<1%'], overdueAfter: 5, deployGrace: '15m' };
    expect(probeOf({ alarm })?.alarm).toMatchObject({
      recoverWhen: [
        { source: 'p(95)<350', metric: { kind: 'percentile', percentile: 95 }, op: '<', value: 350 },
        { source: 'failed<1%', metric: { kind: 'failed' }, op: '<', value: 0.01 },
      ],
      overdueAfter: 5,
      deployGraceMs: 900_000,
    });
  });

  it('maintenance is once, or again and again by a cron; of some probes, or of all', () => {
    const maintenance = [
      { from: '2027-01-31T22:00Z', to: '2027-02-01T01:30:15.5+01:00', reason: 'the move' },
      { cron: '0 3 * * SUN', for: '2h', reason: 'patches', probes: ['a'] },
      { cron: '@daily', timezone: 'Europe/Berlin', for: '1m', reason: 'backup' },
    ];
    expect(planOf(parseConfig(withProbe({}, { maintenance }))).maintenance).toEqual([
      {
        reason: 'the move',
        probes: [],
        when: { kind: 'once', fromMs: Date.UTC(2027, 0, 31, 22), toMs: Date.UTC(2027, 1, 1, 0, 30, 15, 500) },
      },
      {
        reason: 'patches',
        probes: ['a'],
        when: { kind: 'cron', expression: '0 3 * * SUN', timezone: 'UTC', forMs: 7_200_000 },
      },
      {
        reason: 'backup',
        probes: [],
        when: { kind: 'cron', expression: '@daily', timezone: 'Europe/Berlin', forMs: 60_000 },
      },
    ]);
  });

  it.each([
    [{ url: 'https://control.example' }, { url: 'https://control.example', timeoutMs: 5000 }],
    [
      { url: '{{base}}/ping', timeout: '750ms' },
      { url: '{{base}}/ping', timeoutMs: 750 },
    ],
  ])('control %j', (control, meaning) => {
    expect(planOf(parseConfig(withProbe({}, { control, variables: { base: {} } }))).control).toEqual(meaning);
  });

  it.each([
    [{}, false],
    [{ advisory: true }, true],
  ])('gate %j stops a release unless it is advisory', (gate, advisory) => {
    expect(planOf(parseConfig(withProbe({}, { gate }))).gate).toEqual({ maxAgeMs: 86_400_000, advisory, inputs: {} });
  });

  it('a step is named after its position and what it does, without its environment', () => {
    const steps = [
      { request: { method: 'POST', url: '{{base}}/a/{{ id }}?q=1' } },
      { connect: { as: 'x', url: '{{base}}/ws' } },
      { send: { as: 'x', text: '' } },
    ];
    const { probes } = planOf(
      parseConfig(withProbe({ kind: 'websocket', steps, cleanup: [get] }, { variables: { base: {}, id: {} } })),
    );
    expect([...(probes[0]?.steps ?? []), ...(probes[0]?.cleanup ?? [])].map(({ name }) => name)).toEqual([
      '1 POST /a/:id',
      '2 connect x',
      '3 send x',
      'cleanup 1 GET /',
    ]);
  });

  it('keys that TypeScript leaves undefined are absent', () => {
    expect(complaints(withProbe({ samples: undefined, slo: undefined }))).toEqual([]);
  });
});

describe('a bad config', () => {
  const bad = readdirSync(join(fixtures, 'bad'));

  it('has its problems beside it', () => {
    const configs = bad.filter((name) => !name.endsWith('.txt'));
    expect(configs.length).toBeGreaterThan(10);
    expect(bad.filter((name) => name.endsWith('.txt'))).toEqual(configs.map((name) => `${name}.problems.txt`).sort());
  });

  it.each(bad.filter((name) => !name.endsWith('.txt')))('%s is refused with exactly these sentences', async (name) => {
    const result = parseConfig(await load(join(fixtures, 'bad', name)));
    const said = result.ok ? 'nothing' : formatProblems(result.problems);
    expect(`${said}\n`).toBe(readFileSync(join(fixtures, 'bad', `${name}.problems.txt`), 'utf8'));
  });

  it('with seven mistakes lists all seven', async () => {
    expect(complaints(await load(join(fixtures, 'bad/seven-mistakes.json')))).toEqual([
      'probes[0].schedule.every: is not a duration',
      'probes[0].sampels: unknown key `sampels` in a probe',
      'probes[0].steps[0].expect.json["$.items["]: is not a JSONPath: it ends too early',
      'probes[0].steps[1].name: is the name of another step of this probe',
      'probes[0].steps[1].request.url: {{firstId}} is neither a variable nor captured by an earlier step',
      'probes[0].steps[1].expect.status: is no HTTP status',
      'probes[0].slo.thresholds[0]: p95 is no metric: write p(95)',
    ]);
  });
});

describe('each rule says no', () => {
  it.each<[string, unknown, string]>([
    ['a null', null, 'config: must be an object'],
    ['a text', 'x', 'config: must be an object'],
    ['nothing', undefined, 'config: is undefined'],
    ['no probes', { service: 'a', probes: [] }, 'probes: is an empty list'],
    [
      'a service of spaces',
      { service: ' ', probes: [{ id: 'a', kind: 'http', steps: [get] }] },
      'service: is not a service name',
    ],
    ['a function', withProbe({ description: () => 'x' }), 'probes[0].description: holds a function'],
    ['a date', withProbe({ description: new Date(0) }), 'probes[0].description: holds a Date'],
    ['not a number', withProbe({ samples: Number.NaN }), 'probes[0].samples: is NaN, which is no number'],
    ['samples 0', withProbe({ samples: 0 }), 'probes[0].samples: must be at least 1'],
    [
      'a key of a variable',
      withProbe({}, { variables: { a: { form: ['flag'] } } }),
      'variables.a.form: unknown key `form` in a variable',
    ],
    ['a long id', withProbe({ id: 'a'.repeat(65) }), 'probes[0].id: is not an id'],
    ['an id with a leading dash', withProbe({ id: '-a' }), 'probes[0].id: is not an id'],
    [
      'a secret variable of an unknown source',
      withProbe({}, { variables: { a: { from: ['vault:x'] } } }),
      'variables.a.from[0]: is no source of a variable',
    ],
    [
      'an environment variable with a dash',
      withProbe({}, { variables: { a: { from: ['env:A-B'] } } }),
      'variables.a.from[0]: is not the name of an environment variable',
    ],
    ['a variable name', withProbe({}, { variables: { 'a-b': {} } }), 'variables.a-b: is not a name'],
    ['a deadline over 15 minutes', withProbe({ deadline: '16m' }), 'probes[0].deadline: must be at most 15m'],
    ['a runbook', withProbe({ runbook: 'ftp://x' }), 'probes[0].runbook: must be http or https'],
    ['an empty reason', withProbe({ deferred: '' }), 'probes[0].deferred: has no reason'],
    [
      'an SLO window',
      withProbe({ slo: { objective: '99%', window: '1s' } }),
      'probes[0].slo.window: must be at least 1m',
    ],
    [
      'an objective of 0%',
      withProbe({ slo: { objective: '0%' } }),
      'probes[0].slo.objective: must be over 0% and under 100%',
    ],
    [
      'an objective without %',
      withProbe({ slo: { objective: '99.9' } }),
      'probes[0].slo.objective: is not a percentage',
    ],
    [
      'an empty invariant',
      withProbe({ kind: 'websocket', steps: [open], invariants: [{ gapless: { field: ' ' } }] }),
      'probes[0].invariants[0].gapless.field: is empty',
    ],
    [
      'an unknown scope',
      withProbe({ kind: 'websocket', steps: [open], invariants: [{ noDuplicates: { key: 'a', scope: 'all' } }] }),
      'probes[0].invariants[0].noDuplicates.scope: must be one of generation, scenario',
    ],
    [
      'two bodies',
      withRequest({ method: 'POST', json: 1, text: 'x' }),
      'probes[0].steps[0].request.text: a request has one body: it has json and text',
    ],
    [
      'two kinds of auth',
      withRequest({ auth: { basic: { username: 'a', password: 'b' }, bearer: 'c' } }),
      'probes[0].steps[0].request.auth.bearer: auth has either `basic` or `bearer`, not both',
    ],
    [
      'half of basic auth',
      withRequest({ auth: { basic: { username: 'a' } } }),
      'probes[0].steps[0].request.auth.basic.password: is missing',
    ],
    ['no URL', withProbe({ steps: [{ request: {} }] }), 'probes[0].steps[0].request.url: is missing'],
    [
      'a ws URL in a request',
      withRequest({ url: 'ws://a.example' }),
      'probes[0].steps[0].request.url: must be http or https',
    ],
    [
      'a fractional number of redirects',
      withRequest({ followRedirects: 1.5 }),
      'probes[0].steps[0].request.followRedirects: must be true or false, or a whole number',
    ],
    [
      'a size of nothing',
      withRequest({ maxBody: 0 }),
      'probes[0].steps[0].request.maxBody: is not a whole number of bytes over 0',
    ],
    [
      'a multipart body without parts',
      withRequest({ method: 'POST', multipart: [] }),
      'probes[0].steps[0].request.multipart: is an empty list',
    ],
    [
      'an unknown expectation',
      withExpect({ stauts: 200 }),
      'probes[0].steps[0].expect.stauts: unknown key `stauts` in an expectation',
    ],
    ['a status that is none', withExpect({ status: 99 }), 'probes[0].steps[0].expect.status: is no HTTP status'],
    [
      'a status of text in oneOf',
      withExpect({ status: { oneOf: [200, '204'] } }),
      'probes[0].steps[0].expect.status.oneOf[1]: is no HTTP status',
    ],
    [
      'an unknown matcher',
      withExpect({ body: { containz: 'x' } }),
      'probes[0].steps[0].expect.body.containz: unknown matcher `containz`',
    ],
    [
      'a bad pattern within not',
      withExpect({ body: { not: { matches: '[a' } } }),
      'probes[0].steps[0].expect.body.not.matches: is not a pattern: missing closing ]: `[a`',
    ],
    [
      'a lookbehind',
      withExpect({ body: { matches: '(?<!a)b' } }),
      'probes[0].steps[0].expect.body.matches: is not a pattern: invalid named capture: `(?<!a)b`',
    ],
    [
      'a JSONPath with its column',
      withExpect({ json: { '$.a-b': 1 } }),
      'probes[0].steps[0].expect.json["$.a-b"]: is not a JSONPath: at column 4, "-"',
    ],
    [
      'a template in the pattern of a capture',
      withRequest({}, { capture: { a: { body: '{{x}}=(.*)' } } }),
      'probes[0].steps[0].capture.a.body: has a template in a capture, where none is filled in',
    ],
    [
      'a capture by an unknown way',
      withRequest({}, { capture: { a: { jason: '$.a' } } }),
      'probes[0].steps[0].capture.a.jason: unknown key `jason` in a capture',
    ],
    [
      'a poll that outlives its run',
      withProbe({ deadline: '10s', steps: [{ ...get, until: { status: 200, within: '20s' } }] }),
      'probes[0].steps[0].until.within: is longer than the deadline of the run',
    ],
    [
      'a frame pattern list',
      withSteps(open, { expect: { inOrder: [] } }),
      'probes[0].steps[1].expect.inOrder: is an empty list',
    ],
    [
      'a negative count',
      withSteps(open, { expect: { count: { match: {}, min: -1 } } }),
      'probes[0].steps[1].expect.count.min: must be at least 0',
    ],
    [
      'a bad path in a pattern of many',
      withSteps(open, { expect: { inOrder: [{}, { '$[': 1 }] } }),
      'probes[0].steps[1].expect.inOrder[1]["$["]: is not a JSONPath: it ends too early',
    ],
    [
      'an expectation before the connection',
      withSteps({ expect: { one: {} } }, open),
      'probes[0].steps[0].expect.as: connection `main` is not open here',
    ],
    [
      'a mark that comes later',
      withSteps(open, { expect: { one: {}, from: 'm' } }, { send: { text: 'x', mark: 'm' } }),
      'probes[0].steps[1].expect.from: mark `m` is not set before this step',
    ],
    [
      'a capture that comes later',
      withProbe({ steps: [{ request: { url: 'https://a.example/{{x}}' } }, { ...get, capture: { x: '$.x' } }] }),
      'probes[0].steps[0].request.url: {{x}} is not captured yet',
    ],
    [
      'a capture of the step itself',
      withProbe({ steps: [{ ...get, capture: { x: '$.x' }, expect: { json: { '$.y': '{{x}}' } } }] }),
      'probes[0].steps[0].expect.json["$.y"]: {{x}} is not captured yet',
    ],
    [
      'a capture of another probe',
      {
        service: 'a',
        probes: [
          { id: 'a', kind: 'http', steps: [{ ...get, capture: { x: '$.x' } }] },
          { id: 'b', kind: 'http', steps: [{ request: { url: 'https://a.example/{{x}}' } }] },
        ],
      },
      'probes[1].steps[0].request.url: {{x}} is neither a variable nor captured by an earlier step',
    ],
    [
      'an entry outside of a ledger',
      withRequest({ url: 'https://a.example/{{entry.id}}' }),
      'probes[0].steps[0].request.url: {{entry.id}} is neither a variable nor captured by an earlier step',
    ],
    [
      'a default that refers to itself',
      withProbe({}, { variables: { a: { default: '{{a}}' } } }),
      'variables.a.default: refers to itself: a → a',
    ],
    [
      'two channels in one',
      withProbe({}, { notify: { page: [{ slack: { url: 'https://a.example' }, sns: { topicArn: 'x' } }] } }),
      'notify.page[0].sns: a channel has either `slack` or `sns`, not both',
    ],
    [
      'a drill without its objective',
      withProbe(
        {},
        {
          targets: {
            t: {
              identity: { url: 'https://a.example', boot: '$.boot' },
              ledger: {
                write: { request: { url: 'https://a.example/{{entry.id}}' } },
                read: { request: { url: 'https://a.example/{{entry.id}}' }, absent: { status: 404 } },
              },
            },
          },
          drills: [{ id: 'd', target: 't', restart: { kind: 'fis', template: 'x' }, rto: '1s' }],
        },
      ),
      'drills[0].rpo: is missing',
    ],
    [
      'a gate input without limits',
      withProbe({}, { gate: { inputs: { lag: { required: true } } } }),
      'gate.inputs.lag: has no limit',
    ],
    [
      'a line of recovery that is no threshold',
      withProbe({ alarm: { recoverWhen: ['p95<350'] } }),
      'probes[0].alarm.recoverWhen[0]: p95 is no metric: write p(95)',
    ],
    [
      'a line of recovery outside of a list',
      withProbe({ alarm: { recoverWhen: 'p(95)<350' } }),
      'probes[0].alarm.recoverWhen: must be a list',
    ],
    [
      'an extra run of true',
      withProbe({ alarm: { confirmAfter: true } }),
      'probes[0].alarm.confirmAfter: must be false',
    ],
    [
      'an extra run after no duration',
      withProbe({ alarm: { confirmAfter: 'soon' } }),
      'probes[0].alarm.confirmAfter: is not a duration',
    ],
    [
      'an extra run at once',
      withProbe({ alarm: { confirmAfter: '500ms' } }),
      'probes[0].alarm.confirmAfter: must be at least 1s',
    ],
    [
      'an extra run after the next one',
      withProbe({ schedule: { every: '1m' }, alarm: { confirmAfter: '1m' } }),
      'probes[0].alarm.confirmAfter: is no sooner than the next run',
    ],
    ['overdue at once', withProbe({ alarm: { overdueAfter: 0 } }), 'probes[0].alarm.overdueAfter: must be at least 1'],
    [
      'overdue after half a slot',
      withProbe({ alarm: { overdueAfter: 1.5 } }),
      'probes[0].alarm.overdueAfter: must be a whole number',
    ],
    [
      'a grace that is no duration',
      withProbe({ alarm: { deployGrace: 10 } }),
      'probes[0].alarm.deployGrace: must be text',
    ],
    [
      'an unknown key of an alarm',
      withProbe({ alarm: { graceAfterDeploy: '1m' } }),
      'probes[0].alarm.graceAfterDeploy: unknown key `graceAfterDeploy` in alarm',
    ],
    [
      'an unknown route of a baseline',
      withProbe({ baseline: { severity: 'loud' } }),
      'probes[0].baseline.severity: must be one of page, ticket, none',
    ],
    [
      'an unknown effect of a deploy',
      withProbe({ baseline: { onDeploy: true } }),
      'probes[0].baseline.onDeploy: must be one of keep, restart',
    ],
    [
      'maintenance of nothing',
      withProbe({}, { maintenance: [{ reason: 'x' }] }),
      'maintenance[0]: is not a maintenance window: it needs one of from, cron',
    ],
    [
      'maintenance of both kinds',
      withProbe({}, { maintenance: [{ from: '2027-01-31T22:00Z', cron: '@daily', for: '1h', reason: 'x' }] }),
      'maintenance[0].from: unknown key `from` in a maintenance window',
    ],
    [
      'maintenance without its end',
      withProbe({}, { maintenance: [{ from: '2027-01-31T22:00Z', reason: 'x' }] }),
      'maintenance[0].to: is missing',
    ],
    [
      'maintenance in no zone',
      withProbe({}, { maintenance: [{ from: '2027-01-31T22:00', to: '2027-01-31T23:00Z', reason: 'x' }] }),
      'maintenance[0].from: is not a time with its zone',
    ],
    [
      'maintenance on a day that is none',
      withProbe({}, { maintenance: [{ from: '2027-02-30T22:00Z', to: '2027-03-31T23:00Z', reason: 'x' }] }),
      'maintenance[0].from: is not a time with its zone',
    ],
    [
      'maintenance that ends before it begins',
      withProbe({}, { maintenance: [{ from: '2027-01-31T22:00Z', to: '2027-01-31T22:30+01:00', reason: 'x' }] }),
      'maintenance[0].to: is not after from',
    ],
    [
      'maintenance by a cron that is none',
      withProbe({}, { maintenance: [{ cron: '0 25 * * *', for: '1h', reason: 'x' }] }),
      'maintenance[0].cron: is not a cron expression: hour 25 is outside 0 to 23',
    ],
    [
      'maintenance in a place that is none',
      withProbe({}, { maintenance: [{ cron: '@daily', timezone: 'Mars/Base', for: '1h', reason: 'x' }] }),
      'maintenance[0].timezone: is no time zone',
    ],
    [
      'maintenance of a moment',
      withProbe({}, { maintenance: [{ cron: '@daily', for: '59s', reason: 'x' }] }),
      'maintenance[0].for: must be at least 1m',
    ],
    [
      'maintenance for good',
      withProbe({}, { maintenance: [{ cron: '@daily', for: '8d', reason: 'x' }] }),
      'maintenance[0].for: must be at most 7d',
    ],
    [
      'maintenance of an unknown probe',
      withProbe({}, { maintenance: [{ cron: '@daily', for: '1h', reason: 'x', probes: ['a', 'b'] }] }),
      'maintenance[0].probes[1]: is no probe',
    ],
    [
      'maintenance without a reason',
      withProbe({}, { maintenance: [{ cron: '@daily', for: '1h', reason: ' ' }] }),
      'maintenance[0].reason: is empty',
    ],
    ['control without a URL', withProbe({}, { control: {} }), 'control.url: is missing'],
    [
      'control over a websocket',
      withProbe({}, { control: { url: 'wss://control.example' } }),
      'control.url: must be http or https',
    ],
    [
      'a patient control',
      withProbe({}, { control: { url: 'https://control.example', timeout: '31s' } }),
      'control.timeout: must be at most 30s',
    ],
    [
      'control by an unknown variable',
      withProbe({}, { control: { url: 'https://{{host}}/' } }),
      'control.url: {{host}} is no variable',
    ],
    [
      'control with a secret',
      withProbe({}, { control: { url: 'https://control.example/{{token}}' }, variables: { token: { secret: true } } }),
      'control.url: would send the secret {{token}} to somebody else',
    ],
    ['an advice of text', withProbe({}, { gate: { advisory: 'yes' } }), 'gate.advisory: must be true or false'],
  ])('to %s', (_, config, complaint) => {
    expect(complaints(config)).toEqual([complaint]);
  });

  it('to what contains itself, and to what is too deep', () => {
    const loop: { a?: unknown } = {};
    loop.a = loop;
    expect(complaints(withProbe({}, { targets: loop }))).toEqual(['targets.a: contains itself']);
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    expect(complaints(withRequest({ method: 'POST', json: deep })).join()).toContain('is nested deeper than 64 levels');
  });

  it('to a chain of defaults without end', () => {
    const variables = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`v${index}`, { default: `{{v${index + 1}}}` }]),
    );
    expect(complaints(withProbe({}, { variables }))[0]).toBe(
      'variables.v0.default: refers to variables more than 32 deep',
    );
  });

  it('to what has faults without end, a thousand of them', () => {
    expect(complaints({ service: 'a', probes: Array(20_000).fill(0) })).toHaveLength(1000);
    const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key${index}`, 1]));
    expect(complaints(withProbe(keys))).toHaveLength(1000);
  });

  it('to a value that multiplies', () => {
    let bomb: unknown = ['x'];
    for (let level = 0; level < 40; level += 1) bomb = [bomb, bomb];
    expect(complaints(bomb)).toEqual(['config: has over 2000000 values']);
  });
});

describe('problems', () => {
  it('are not followed by echoes of what was cut out', () => {
    const variables = { token: { form: 1 }, other: 5 };
    const steps = [
      { request: { url: 'https://a.example', headers: { a: '{{token}}', b: '{{other}}' } }, capture: { id: 5 } },
      { request: { url: 'https://a.example/{{id}}' } },
    ];
    expect(complaints(withProbe({ steps }, { variables }))).toEqual([
      'probes[0].steps[0].capture.id: must be text, or an object with one of json, header, cookie, body',
      'variables.token.form: unknown key `form` in a variable',
      'variables.other: must be an object',
    ]);
  });

  it("keep the numbers of the user's own list", () => {
    const steps = [5, { request: { url: 'nowhere' } }, {}, { request: { url: 'neither' } }];
    expect(complaints(withProbe({ steps })).map((text) => text.split(':')[0])).toEqual([
      'probes[0].steps[0]',
      'probes[0].steps[1].request.url',
      'probes[0].steps[2]',
      'probes[0].steps[3].request.url',
    ]);
  });

  it('never repeat what stands where secrets stand', () => {
    const canary = 'c4n4ry';
    const config = withProbe(
      {
        steps: [
          {
            request: {
              url: 'https://a.example',
              auth: { bearer: [canary] },
              headers: { Authorization: { x: canary }, 'x-api-key': [canary] },
            },
          },
        ],
      },
      {
        variables: { token: [canary], pass: { default: [canary], secret: true } },
        notify: { page: [{ webhook: { url: `https://me:${canary}@`, secret: [canary] } }] },
      },
    );
    const result = parseConfig(config);
    expect(result.ok ? '' : formatProblems(result.problems)).toContain('must be');
    expect(result.ok ? canary : formatProblems(result.problems)).not.toContain(canary);
  });

  it('are found whatever comes, without a throw', () => {
    const known = fc.constantFrom(
      'service',
      'probes',
      'variables',
      'id',
      'kind',
      'steps',
      'request',
      'url',
      'expect',
      'from',
      'default',
      'targets',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom('http', 'websocket', 'a', '{{a}}', 1, null, true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(known, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), tree), (input) => {
        const result = parseConfig(input);
        expect(result.ok || result.problems.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are found when any one value of a good config is spoilt', async () => {
    const example = (await load(join(fixtures, 'design-example.json'))) as Fields;
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, item] of Object.entries(value)) walk(item, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    walk(example, []);
    expect(paths.length).toBeGreaterThan(150);
    for (const path of paths) {
      const spoilt = structuredClone(example);
      const parent = path
        .slice(0, -1)
        .reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], spoilt) as Record<
        string | number,
        unknown
      >;
      // A pair of braces fits nowhere as a template, and an object nowhere as text.
      parent[path.at(-1) ?? ''] = { '{{no-name}}': ['{{no-name}}'] };
      const said = complaints(spoilt);
      expect(said.length, path.join('.')).toBeGreaterThan(0);
    }
  });
});

describe('the JSON Schema', () => {
  const validator = new Validator(jsonSchema(), '2020-12');

  it('has a title, and describes what editors show', () => {
    expect(jsonSchema()).toMatchObject({
      title: 'Plimsoll config',
      required: ['service'],
      additionalProperties: false,
    });
    expect(JSON.stringify(jsonSchema())).toContain('default the cadence, at most 10m');
  });

  it.each(['unknown-keys.json', 'types.yaml', 'list.json', 'seven-mistakes.json'])('refuses %s too', async (name) => {
    expect(validator.validate(await load(join(fixtures, 'bad', name))).valid).toBe(false);
  });

  it('is not written out again for the steps of a soak', () => {
    expect(JSON.stringify(jsonSchema()).length).toBeLessThan(100_000);
  });

  const soak = (...steps: readonly unknown[]) => ({ soak: { iterations: 1, steps } });
  const replay = { stream: 'x', from: 0, until: { quiet: '1s' }, assert: ['gapless'] };
  it.each<[string, Fields]>([
    ['an unknown codec', { codec: 'jsn' }],
    ['an unknown option of a codec', { codec: { mqtt: { qos: 3 } } }],
    ['two codecs', { codec: { yjs: {}, raw: {} } }],
    ['an empty list', { steps: [open, { expect: { unordered: [] } }] }],
    ['an empty pattern', { steps: [open, { expect: { unordered: [{}] } }] }],
    ['no alternatives', { steps: [open, { expect: { one: { $anyOf: [] } } }] }],
    ['a replay without assertions', { steps: [open, { replay: { ...replay, assert: [] } }] }],
    ['a replay without end', { steps: [open, { replay: { ...replay, until: {} } }] }],
    ['a cursor that is none', { steps: [open, { replay: { ...replay, from: true } }] }],
    ['one time', { steps: [open, { idempotent: { times: 1, events: { match: { a: 1 } } } }] }],
    ['a soak of nothing', { steps: [open, soak()] }],
    ['a soak within a soak', { steps: [open, soak(soak(open))] }],
    ['a slip within a soak', { steps: [open, soak({ sned: { text: 'x' } })] }],
    ['an unknown outcome', { steps: [open, { reconnect: { expect: 'resume' } }] }],
    ['a chain of nothing', { invariants: [{ chain: { links: [] } }] }],
    ['an unknown policy', { invariants: [{ unknownTypes: 'ignore' }] }],
  ])('refuses %s, as the parser does', (_, probe) => {
    const config = withProbe({ kind: 'websocket', steps: [open], ...probe });
    expect(complaints(config)).not.toEqual([]);
    expect(validator.validate(config).valid).toBe(false);
  });
});

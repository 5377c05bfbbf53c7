import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment, Plan, VariableSpec } from '../../lib/config/plan.ts';
import { resolveVariables } from '../../lib/config/variables.ts';
import { deployPlan } from '../../lib/dispatch/deploy.ts';
import { resolveDeployed } from '../../lib/dispatch/resolve.ts';
import { deployedService } from '../../lib/dispatch/service.ts';
import { planOf } from '../support/probing.ts';

type Texts = Readonly<Record<string, string>>;
const reading = (env: Texts = {}, flags: Texts = {}) => ({
  env: (name: string) => env[name],
  flag: (name: string) => flags[name],
});

const planFor = (variables: object, url = 'https://example.org/', rest: object = {}): Plan =>
  planOf({ variables, probes: [{ id: 'a', kind: 'http', steps: [{ request: { url } }] }], ...rest });

const deployed = (plan: Plan, read = reading(), environment: Environment = 'prod') => {
  const answer = deployPlan(plan, environment, read);
  if (!answer.ok) throw new Error(answer.problems.join('\n'));
  return answer.deployed;
};
const problems = (plan: Plan, read = reading(), environment: Environment = 'prod') => {
  const answer = deployPlan(plan, environment, read);
  return answer.ok ? [] : answer.problems;
};

describe('a variable that is no secret', () => {
  it.each<[string, object, Texts, Texts, string | undefined]>([
    ['its flag', { from: ['flag', 'env:V'], default: 'd' }, { V: 'e' }, { v: 'f' }, 'f'],
    ['the environment', { from: ['flag', 'env:V'], default: 'd' }, { V: 'e' }, {}, 'e'],
    ['its default', { from: ['flag', 'env:V'], default: 'd' }, { V: '' }, {}, 'd'],
    ['nothing', { from: ['flag'] }, {}, {}, undefined],
  ])('is baked from %s', (_, v, env, flags, value) => {
    const { values, plan } = deployed(planFor({ v }), reading(env, flags));
    expect([values.v, plan.variables]).toEqual([value, {}]);
  });

  it('is still asked for where a source of the cloud stands first, with the value of the synth behind it', () => {
    const { values, plan } = deployed(planFor({ v: { from: ['ssm:/v', 'env:V', 'ssm:/late'] } }), reading({ V: 'e' }));
    expect(values).toEqual({ v: 'e' });
    expect(plan.variables).toEqual({ v: { from: ['ssm:/v'], required: false, secret: false } });
  });

  it('is asked for in the cloud alone when nothing here has it', () => {
    const spec = { from: ['env:V', 'ssm:/v', 'secretsmanager:v'], required: true };
    const { values, plan } = deployed(planFor({ v: spec }));
    expect(values).toEqual({});
    expect(plan.variables).toEqual({ v: { ...spec, from: ['ssm:/v', 'secretsmanager:v'], secret: false } });
  });

  it('is made of others where all of them are final, and travels as it is where they are not', () => {
    const variables = {
      host: { from: ['env:H'] },
      region: { from: ['ssm:/region', 'env:R'] },
      base: { default: 'https://{{host}}' },
      regional: { default: '{{base}}/{{region}}' },
    };
    const { values, plan } = deployed(planFor(variables), reading({ H: 'example.org', R: 'eu' }));
    expect(values).toEqual({ host: 'example.org', region: 'eu', base: 'https://example.org' });
    expect(Object.keys(plan.variables)).toEqual(['region', 'regional']);
    expect(plan.variables.regional).toMatchObject({ from: [], default: '{{base}}/{{region}}' });
  });

  it('that is made of a secret is never baked, though no config can say so', () => {
    const variables = { key: { from: ['env:KEY', 'ssm:/key'], secret: true }, shown: { default: 'd' } };
    const plan = planFor(variables);
    const spec: VariableSpec = { from: [], default: 'key={{key}}', required: false, secret: false };
    const forged: Plan = { ...plan, variables: { ...plan.variables, shown: spec } };
    expect(deployed(forged, reading({ KEY: 'canary-9b2f' })).values).toEqual({});
  });
});

describe('a secret', () => {
  const url = 'https://example.org/?key={{token}}';

  it('travels as its reference: no value of the synth, and no default', () => {
    const token = {
      from: ['flag', 'env:TOKEN', 'ssm:/svc/token'],
      secret: true,
      required: true,
      default: 'hunter2hunter2',
    };
    const read = reading({ TOKEN: 'canary-env-77' }, { token: 'canary-flag-77' });
    const answer = deployPlan(planFor({ token }, url), 'prod', read);
    expect(answer).toMatchObject({
      ok: true,
      deployed: {
        values: {},
        plan: { variables: { token: { from: ['ssm:/svc/token'], required: true, secret: true } } },
      },
      reports: [{ name: 'token', set: false, source: null, secret: true, passedOver: ['ssm:/svc/token'] }],
    });
    expect(JSON.stringify(answer)).not.toMatch(/canary|hunter2/);
  });

  it('without a source in the cloud is refused when something needs it, with the remedy', () => {
    const token = { from: ['flag', 'env:TOKEN'], secret: true };
    const said =
      "variable `token` is a secret, and a plan that is deployed holds none (flag, env:TOKEN: read where the synth runs): add 'ssm:/test/token' to its `from`, and put its value there";
    expect(problems(planFor({ token }, url), reading({ TOKEN: 'x' }))).toEqual([said]);
    expect(problems(planFor({ token }, url), reading(), 'dev')).toEqual([said]);
  });

  it.each<[string, object, object]>([
    [
      'a page',
      { token: { from: ['env:T'], secret: true } },
      { notify: { page: [{ pagerduty: { routingKey: '{{token}}' } }] } },
    ],
    [
      'another that is needed',
      { token: { from: ['env:T'], secret: true }, auth: { default: 'Bearer {{token}}', secret: true } },
      { notify: { page: [{ pagerduty: { routingKey: '{{auth}}' } }] } },
    ],
    ['nobody, and is required', { token: { from: ['env:T'], secret: true, required: true } }, {}],
  ])('is refused when it is needed by %s', (_, variables, rest) => {
    expect(problems(planFor(variables, undefined, rest)).join()).toMatch(/variable `token` is a secret/);
  });

  it('that nothing needs goes no farther', () => {
    const { plan, values } = deployed(
      planFor({ token: { from: ['env:T'], secret: true, default: 'x' } }),
      reading({ T: 'y' }),
    );
    expect([plan.variables, values]).toEqual([{}, {}]);
  });

  it('that is made of others alone travels as what it is made of', () => {
    const variables = {
      token: { from: ['ssm:/t'], secret: true },
      auth: { default: 'Bearer {{token}}', secret: true },
      mixed: { default: 's3cr3t-{{token}}', secret: true, from: ['ssm:/m'] },
    };
    const { plan } = deployed(planFor(variables, 'https://example.org/{{auth}}/{{mixed}}'));
    expect(plan.variables.auth).toEqual({ from: [], default: 'Bearer {{token}}', required: false, secret: true });
    expect(plan.variables.mixed).not.toHaveProperty('default');
  });

  it('that is made of what is known here is put together where the probe runs, and not before', () => {
    const variables = { user: { from: ['env:U'] }, login: { default: '{{user}}:', secret: true } };
    const { values, plan } = deployed(planFor(variables, 'https://example.org/{{login}}'), reading({ U: 'bob' }));
    expect([values, plan.variables.login?.default]).toEqual([{ user: 'bob' }, '{{user}}:']);
  });

  it.each(['hunter2{{token}}', 'Bearer abc {{token}}', 'bearerhunter {{token}}', '{{token}}é'])(
    'whose default has letters of its own, %s, does not travel',
    (text) => {
      const variables = { token: { from: ['ssm:/t'], secret: true }, auth: { default: text, secret: true } };
      expect(problems(planFor(variables, 'https://example.org/{{auth}}'))).toHaveLength(1);
    },
  );

  it('is nowhere in what is deployed, wherever it came from', () => {
    const source = fc.subarray(['flag', 'env:TOKEN', 'ssm:/t', 'secretsmanager:t']);
    fc.assert(
      fc.property(source, fc.boolean(), fc.boolean(), (from, byDefault, required) => {
        const token = {
          from: [...new Set([...from, 'ssm:/always'])],
          secret: true,
          required,
          ...(byDefault ? { default: 'canary-default' } : {}),
        };
        const answer = deployPlan(
          planFor({ token }, url),
          'prod',
          reading({ TOKEN: 'canary-env' }, { token: 'canary-flag' }),
        );
        expect(answer.ok).toBe(true);
        expect(JSON.stringify(answer)).not.toContain('canary');
      }),
    );
  });
});

describe('a synth', () => {
  it('refuses a required variable that nothing can ever set, and no other', () => {
    const variables = {
      a: { from: ['flag', 'env:A'], required: true },
      b: { from: ['ssm:/b'], required: true },
      c: { required: true, default: '{{a}}' },
      d: { required: true, default: '{{b}}' },
      e: { from: ['env:E'] },
    };
    expect(problems(planFor(variables))).toEqual([
      "variable `a` is required and not set: set it where the synth runs (flag, env:A), or add 'ssm:/test/a' to its `from`",
      "variable `c` is required and not set (its default is made of a): set it where the synth runs (flag), or add 'ssm:/test/c' to its `from`",
    ]);
  });

  it('refuses what the environment does, with the values that it has', () => {
    const plan = planFor({ base: { from: ['env:B'] } }, '{{base}}/x');
    expect(problems(plan, reading({ B: 'http://example.org' }))).toEqual([
      'probe a, step 1 GET /x: http:// is not encrypted: use https://',
    ]);
    expect(problems(plan, reading({ B: 'http://example.org' }), 'dev')).toEqual([]);
    expect(
      problems(
        planOf({
          ...{
            probes: plan.probes.map(({ id }) => ({
              id,
              kind: 'http',
              steps: [{ request: { url: 'https://example.org' } }],
            })),
          },
          network: { allow: ['127.0.0.0/8'] },
        }),
      ),
    ).toEqual(['network.allow opens loopback with 127.0.0.0/8: remove it']);
  });

  it('reports all problems at once', () => {
    const variables = { a: { from: ['env:A'], required: true }, s: { from: ['env:S'], secret: true } };
    expect(problems(planFor(variables, 'http://example.org/{{s}}'))).toHaveLength(3);
  });

  it('tells which source won', () => {
    const answer = deployPlan(
      planFor({ a: { from: ['env:A'] }, b: { default: 'd' }, c: { from: ['ssm:/c'] } }),
      'dev',
      reading({ A: 'x' }),
    );
    expect(answer).toMatchObject({
      reports: [
        { name: 'a', set: true, source: 'env:A', value: 'x' },
        { name: 'b', set: true, source: 'default', value: 'd' },
        { name: 'c', set: false, source: null, passedOver: ['ssm:/c'] },
      ],
    });
  });

  it('bakes which cadences have a schedule of their own, and is the same every time', async () => {
    const config: object = JSON.parse(await readFile('test/fixtures/design-example.json', 'utf8'));
    const plan = planOf(config);
    const read = reading({ PLIMSOLL_TOKEN: 'canary-token' });
    expect(problems(plan, read, 'dev')).toEqual([]);
    const baked = deployed(plan, read, 'dev');
    expect(baked.cadences).toEqual(['every-1h', 'every-1m', expect.stringMatching(/^cron-/)].toSorted());
    expect(JSON.stringify(baked)).not.toContain('canary');
    expect(JSON.stringify(deployed(plan, read, 'dev'))).toBe(JSON.stringify(baked));
  });
});

describe('what is deployed', () => {
  it('says of its service what a probe has to know, and nothing of other probes', () => {
    const plan = planFor({ v: { default: 'x' } }, undefined, {
      control: { url: 'https://control.example' },
      network: { allow: ['10.0.0.0/8'] },
    });
    const service = deployedService(deployed(plan));
    expect(service).toEqual({
      service: 'test',
      environment: 'prod',
      variables: {},
      values: { v: 'x' },
      network: { allow: ['10.0.0.0/8'] },
      maintenance: [],
      control: plan.control,
      keys: 1,
      metrics: 'service',
      retention: plan.retention,
    });
  });

  const cloud = (stored: Texts) => ({ ssm: (path: string) => stored[path] });
  const resolved = async (variables: object, env: Texts, stored: Texts) => {
    const { values, missing } = await resolveDeployed(
      deployedService(deployed(planFor(variables), reading(env))),
      cloud(stored),
    );
    return [Object.fromEntries(values), missing];
  };

  it.each<[string, object, Texts, Texts, unknown]>([
    ['the source that stands first', { v: { from: ['ssm:/v', 'env:V'] } }, { V: 'e' }, { '/v': 's' }, [{ v: 's' }, []]],
    [
      'the synth, where that source is empty',
      { v: { from: ['ssm:/v', 'env:V'], required: true } },
      { V: 'e' },
      {},
      [{ v: 'e' }, []],
    ],
    [
      'the synth, where it stands first',
      { v: { from: ['env:V', 'ssm:/v'] } },
      { V: 'e' },
      { '/v': 's' },
      [{ v: 'e' }, []],
    ],
    ['the default', { v: { from: ['ssm:/v'], default: 'd' } }, {}, {}, [{ v: 'd' }, []]],
    ['an empty default', { v: { from: ['ssm:/v'], default: '' }, w: { default: '' } }, {}, {}, [{ v: '', w: '' }, []]],
    [
      'braces as they are',
      { v: { from: ['ssm:/v', 'env:V'] }, w: { default: 'W' } },
      { V: '{{w}}' },
      {},
      [{ v: '{{w}}', w: 'W' }, []],
    ],
    [
      'values of both',
      { h: { from: ['env:H'] }, r: { from: ['ssm:/r', 'env:R'] }, u: { default: '{{h}}/{{r}}' } },
      { H: 'h', R: 'r' },
      { '/r': 's' },
      [{ h: 'h', r: 's', u: 'h/s' }, []],
    ],
    ['nothing: it is missing', { v: { from: ['ssm:/v'], required: true } }, {}, {}, [{}, ['v']]],
  ])('takes a value from %s', async (_, variables, env, stored, expected) => {
    expect(await resolved(variables, env, stored)).toEqual(expected);
  });

  it('resolves to what a command would that could read all sources at once', async () => {
    const sources = fc.uniqueArray(fc.constantFrom('flag', 'env:X', 'env:Y', 'ssm:/x', 'ssm:/y', 'secretsmanager:x'), {
      maxLength: 5,
    });
    const value = fc.option(fc.constantFrom('', 'one', '{{a}}', 'two'), { nil: undefined });
    const texts = (names: readonly string[]) =>
      fc.tuple(...names.map(() => value)).map((found) => new Map(names.map((name, index) => [name, found[index]])));
    const specs = fc.record({
      from: sources,
      default: fc.option(fc.constantFrom('', 'd', '{{a}}', '{{b}}/{{c}}', '{{c}}'), { nil: undefined }),
    });
    const variable = ({ from, default: text }: { from: string[]; default: string | undefined }): VariableSpec => ({
      from: from as VariableSpec['from'],
      ...(text === undefined ? {} : { default: text }),
      required: false,
      secret: false,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(specs, specs, specs),
        texts(['a', 'b', 'c', 'X', 'Y', '/x', '/y', 'x']),
        async ([a, b, c], found) => {
          // References only forwards: a plan has no circles.
          const forwards = {
            a: { ...a, default: a.default?.replace('{{a}}', 'z') },
            b: { ...b, default: 'B' },
            c: { ...c, default: 'C' },
          };
          const variables = Object.fromEntries(Object.entries(forwards).map(([name, spec]) => [name, variable(spec)]));
          const read = (name: string) => found.get(name);
          const plan: Plan = { ...planFor({}), variables };
          const answer = deployPlan(plan, 'dev', { flag: read, env: read });
          if (!answer.ok) throw new Error(answer.problems.join());
          const here = await resolveVariables(variables, { flag: read, env: read, ssm: read, secretsmanager: read });
          const there = await resolveDeployed(deployedService(answer.deployed), { ssm: read, secretsmanager: read });
          expect(Object.fromEntries(there.values)).toEqual(Object.fromEntries(here.values));
        },
      ),
      { numRuns: 500 },
    );
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsOf, plannedSkips } from '../../lib/config/needs.ts';
import { formatProblems, parseConfig } from '../../lib/config/parse.ts';
import type { Json, ProbePlan } from '../../lib/config/plan.ts';

const variables = { base: {}, ruleId: {}, other: {}, on: {} };

const probeOf = (probe: Readonly<Record<string, unknown>>): ProbePlan => {
  const parsed = parseConfig({ service: 'a', variables, probes: [{ id: 'a', kind: 'websocket', ...probe }] });
  const [plan] = parsed.ok ? parsed.plan.probes : [];
  if (!plan) throw new Error(parsed.ok ? 'no probe' : formatProblems(parsed.problems));
  return plan;
};

const skips = (probe: ProbePlan, values: Readonly<Record<string, Json>>) => {
  const { skipped, skipProbe } = plannedSkips(probe, new Map(Object.entries(values)));
  return { skipped: Object.fromEntries(skipped), skipProbe };
};

const request = (name: string, url: string, rest: object = {}) => ({ name, request: { url }, ...rest });

it('a step needs what its templates name, in every part that is filled in', () => {
  const [step] = probeOf({
    steps: [
      {
        name: '{{x}}',
        request: { method: 'POST', url: '{{base}}/x', headers: { a: '{{ruleId}}' }, json: { b: ['{{other}}'] } },
        expect: { json: { '$.a': { not: { equals: '{{on}}' } }, '$.b': { schema: { pattern: '{{free}}' } } } },
        capture: { made: '$.id' },
      },
    ],
  }).steps;
  expect(step && needsOf(step)).toEqual({ needs: ['base', 'ruleId', 'other', 'on'], makes: ['made'] });
});

describe('a reference to a variable without a value', () => {
  const flow = probeOf({
    steps: [
      request('run', '{{base}}/{{ruleId}}', { capture: { run: '$.id' } }),
      request('poll', '{{base}}/{{run}}', { capture: { answer: '$.a' } }),
      request('read', '{{base}}/{{answer}}'),
      request('list', '{{base}}/list'),
    ],
    cleanup: [request('tidy', '{{base}}/{{run}}'), request('log', '{{base}}/log')],
  });

  it('skips its step and all that hang on its captures, and says why', () => {
    expect(skips(flow, { base: 'x' })).toEqual({
      skipped: {
        run: '`ruleId` is not set',
        poll: '`run` is not captured: step `run` is skipped',
        read: '`answer` is not captured: step `poll` is skipped',
        tidy: '`run` is not captured: step `run` is skipped',
      },
      skipProbe: undefined,
    });
  });

  it('skips nothing once it has one', () => {
    expect(skips(flow, { base: 'x', ruleId: '1' })).toEqual({ skipped: {}, skipProbe: undefined });
  });

  it('skips the probe when no step is left', () => {
    expect(skips(flow, {}).skipProbe).toBe('no step can run: `base`, `ruleId` are not set (step `run`)');
  });

  it('does not skip what a later step captures again', () => {
    const probe = probeOf({
      steps: [
        request('one', '{{base}}/{{ruleId}}', { capture: { id: '$.id' } }),
        request('two', '{{base}}', { capture: { id: '$.id' } }),
        request('three', '{{base}}/{{id}}'),
      ],
    });
    expect(Object.keys(skips(probe, { base: 'x' }).skipped)).toEqual(['one']);
  });

  it('skips what hangs on its connection and on its mark', () => {
    const probe = probeOf({
      steps: [
        { name: 'open a', connect: { as: 'a', url: 'wss://a.example/{{ruleId}}' } },
        { name: 'open b', connect: { as: 'b', url: 'wss://b.example' } },
        { name: 'ask a', send: { as: 'a', text: 'x' } },
        { name: 'ask b', send: { as: 'b', text: '{{ruleId}}', mark: 'asked' } },
        { name: 'hear b', expect: { as: 'b', one: {}, from: 'asked' } },
        { name: 'time b', expect: { as: 'b', one: {}, latency: { since: 'asked', max: '1s' } } },
        { name: 'end a', expectClose: { as: 'a' } },
        { name: 'end b', expectClose: { as: 'b' } },
      ],
    });
    expect(skips(probe, {}).skipped).toEqual({
      'open a': '`ruleId` is not set',
      'ask a': 'connection `a` is not opened: step `open a` is skipped',
      'ask b': '`ruleId` is not set',
      'hear b': 'mark `asked` is not set: step `ask b` is skipped',
      'time b': 'mark `asked` is not set: step `ask b` is skipped',
      'end a': 'connection `a` is not opened: step `open a` is skipped',
    });
  });

  it('skips what hangs on a connection or a mark of any step, whatever it does with it', () => {
    const probe = probeOf({
      codec: 'notes',
      steps: [
        { name: 'open a', connect: { as: 'a', url: 'wss://a.example/{{ruleId}}' } },
        { name: 'open b', connect: { as: 'b', url: 'wss://b.example' } },
        { name: 'mark', mark: 'm', ack: { as: 'b', stream: '{{other}}', cursor: 1 } },
        { name: 'both', expect: { as: ['b', 'a'], one: {} } },
        { name: 'meet', barrier: ['b', 'a'] },
        { name: 'ack', ack: { as: 'a', stream: 'x', cursor: 1 } },
        {
          name: 'twice',
          idempotent: { send: { as: 'b', text: 'x', answer: { a: 1 } }, events: { as: 'a', match: { b: 1 } } },
        },
        { name: 'again', reconnect: { as: 'a' } },
        { name: 'since', expect: { as: 'b', one: {}, from: 'm' } },
        { name: 'quiet', quiet: '1s' },
      ],
    });
    const unopened = 'connection `a` is not opened: step `open a` is skipped';
    expect(skips(probe, {}).skipped).toEqual({
      'open a': '`ruleId` is not set',
      mark: '`other` is not set',
      both: unopened,
      meet: unopened,
      ack: unopened,
      twice: unopened,
      again: unopened,
      since: 'mark `m` is not set: step `mark` is skipped',
    });
  });

  it('skips a soak whole, with what hangs on it', () => {
    const soak = (...steps: readonly object[]) => ({ name: 'soak', soak: { iterations: 2, steps } });
    const use = { name: 'use', send: { as: 's', text: 'x' } };
    const probe = probeOf({
      steps: [
        { name: 'open', connect: { url: 'wss://a.example' } },
        soak(
          { name: 'open s', mark: 'in', connect: { as: 's', url: 'wss://a.example' } },
          { name: 'hear', expect: { as: 's', one: {}, capture: { id: '$id' } } },
          { name: 'say', send: { as: 's', text: '{{id}} {{ruleId}}' } },
        ),
        use,
        { name: 'since', expect: { one: {}, from: 'in' } },
      ],
    });
    expect(skips(probe, {}).skipped).toEqual({
      soak: '`ruleId` is not set (step `say`)',
      use: 'connection `s` is not opened: step `soak` is skipped',
      since: 'mark `in` is not set: step `soak` is skipped',
    });
    expect(skips(probe, { ruleId: '1' }).skipped).toEqual({});
    expect(probe.steps[1] && needsOf(probe.steps[1])).toEqual({ needs: ['ruleId'], makes: [] });
  });

  it('skips a soak whose connection, capture or mark is gone', () => {
    const soak = (name: string, step: object) => ({
      name,
      soak: { iterations: 2, steps: [{ name: `${name}'s`, ...step }] },
    });
    const probe = probeOf({
      steps: [
        { name: 'open', connect: { url: 'wss://a.example' } },
        { name: 'open a', mark: 'm', connect: { as: 'a', url: 'wss://{{ruleId}}' } },
        { name: 'hear', expect: { as: 'a', one: {}, capture: { id: '$id' } } },
        soak('one', { send: { as: 'a', text: 'x' } }),
        soak('two', { send: { text: '{{id}}' } }),
        soak('three', { expect: { one: {}, from: 'm' } }),
        soak('four', { send: { text: 'x' } }),
      ],
    });
    expect(skips(probe, {}).skipped).toMatchObject({
      one: "connection `a` is not opened: step `open a` is skipped (step `one's`)",
      two: "`id` is not captured: step `hear` is skipped (step `two's`)",
      three: "mark `m` is not set: step `open a` is skipped (step `three's`)",
    });
    expect(skips(probe, {}).skipped).not.toHaveProperty('four');
  });

  it('skips the probe when its codec needs it', () => {
    const codec = {
      json: { operations: { publish: { room: '{{op.stream}}', token: '{{ruleId}}', body: '{{op.payload}}' } } },
    };
    const probe = probeOf({ codec, steps: [{ connect: { url: 'wss://a.example' } }] });
    expect(skips(probe, {}).skipProbe).toBe('needs `ruleId`, which is not set');
    expect(skips(probe, { ruleId: 'y' }).skipProbe).toBeUndefined();
  });

  it('skips the probe when it stands under needs', () => {
    const probe = probeOf({ needs: ['ruleId', 'base'], steps: [request('get', 'https://a.example')] });
    expect(skips(probe, { base: 'x' }).skipProbe).toBe('needs `ruleId`, which is not set');
    expect(skips(probe, { base: 'x', ruleId: 'y' }).skipProbe).toBeUndefined();
  });
});

describe('enabled', () => {
  const steps = [request('get', 'https://a.example')];

  it.each<[boolean | string, Readonly<Record<string, Json>>, string | undefined]>([
    [true, {}, undefined],
    [false, {}, 'disabled: enabled is false'],
    ['{{on}}', { on: 'true' }, undefined],
    ['{{on}}', { on: '1' }, undefined],
    ['{{on}}', { on: 'false' }, "disabled: enabled is {{on}}, and it is 'false'"],
    ['{{on}}', { on: ' No ' }, "disabled: enabled is {{on}}, and it is 'No'"],
    ['{{on}}', { on: '0' }, "disabled: enabled is {{on}}, and it is '0'"],
    ['{{on}}', { on: 'OFF' }, "disabled: enabled is {{on}}, and it is 'OFF'"],
    ['{{on}}', { on: '' }, "disabled: enabled is {{on}}, and it is ''"],
    ['{{on}}', {}, 'disabled: enabled is {{on}}, and `on` is not set'],
    ['{{on}}', { on: false }, "disabled: enabled is {{on}}, and it is 'false'"],
  ])('%j with %j', (enabled, values, reason) => {
    expect(skips(probeOf({ enabled, steps }), values).skipProbe).toBe(reason);
  });
});

it("DESIGN.md's rule-poll is skipped without ruleId, and runs with it", () => {
  const example: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../fixtures/design-example.json'), 'utf8'),
  );
  const parsed = parseConfig(example);
  const probe = parsed.ok ? parsed.plan.probes.find(({ id }) => id === 'rule-poll') : undefined;
  if (!probe) throw new Error('rule-poll is gone');
  const values = { baseUrl: 'http://127.0.0.1:1', token: 't' };
  expect(skips(probe, values).skipProbe).toBe('no step can run: `ruleId` is not set (step `run`)');
  expect(skips(probe, { ...values, ruleId: 'r' }).skipProbe).toBeUndefined();
});

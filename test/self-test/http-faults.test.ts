import { describe, expect, it } from 'vitest';
import { parseFault } from '../../lib/fault-proxy/grammar/parse.ts';
import { usualFaults } from '../../lib/self-test/plan.ts';
import { probeOf } from '../support/probing.ts';
import { answer, planOn, seenOf, spelt } from './support.ts';

const url = 'http://127.0.0.1:8080';
const notes = { items: [{ id: 'n1' }], total: 1 };

const httpProbe = (...steps: readonly object[]) => probeOf({ kind: 'http', timeout: '2s', steps });
const list = (more: object = {}) => ({ name: 'list', request: { url: `${url}/notes` }, ...more });

describe('the faults for a request', () => {
  it('that asserts nothing: it is refused, lost, late, misnamed, emptied and falsified', async () => {
    const probe = httpProbe(list());
    const seen = await seenOf(probe, { answers: [answer('/notes', notes)] });
    expect(spelt(await planOn(probe, seen))).toEqual([
      'list: error=500@nth:1 GET /notes',
      'list: hang@from:1 GET /notes',
      'list: cut=body@from:1 GET /notes',
      'list: delay=1000ms@nth:1 GET /notes',
      'list: wrong-type=text/html@nth:1 GET /notes',
      'list: corrupt=$:{}@nth:1 GET /notes',
      'list: corrupt=total@nth:1 GET /notes',
    ]);
  });

  it('falsify each field that a check looks at, and one that none does, which does not count', async () => {
    const expected = { status: 200, json: { '$.items': { minLength: 1 }, '$.items[0].id': { type: 'string' } } };
    const probe = httpProbe(list({ expect: expected, capture: { id: '$.items[0].id' } }));
    const seen = await seenOf(probe, { answers: [answer('/notes', notes)] });
    expect(spelt(await planOn(probe, seen)).filter((one) => one.includes('corrupt'))).toEqual([
      'list: corrupt=$:{}@nth:1 GET /notes',
      'list: corrupt=items@nth:1 GET /notes',
      'list: corrupt=items.0.id@nth:1 GET /notes',
      '~list: corrupt=total@nth:1 GET /notes',
    ]);
  });

  it.each([
    ['the tightest of its limits', { thresholds: ['p(95)<400', 'max<200'] }, 'delay=290ms'],
    ['a check of its own', { expect: { latency: { lt: 100 } } }, 'delay=170ms'],
    ['no limit: half of its patience, at most a second', {}, 'delay=1000ms'],
  ])('delay the answer over %s', async (_, more, spec) => {
    const probe = httpProbe(list(more));
    const planned = await planOn(probe, await seenOf(probe, { answers: [answer('/notes', notes)] }));
    expect(spelt(planned)).toContain(`list: ${spec}@nth:1 GET /notes`);
  });

  it('that expects to be refused: it is accepted', async () => {
    const probe = httpProbe(list({ expect: { status: 403 } }));
    const seen = await seenOf(probe, { answers: [answer('/notes', undefined, { status: 403 })] });
    const specs = spelt(await planOn(probe, seen));
    expect(specs).toContain('list: error=200,"{}"@nth:1 GET /notes');
    expect(specs).toContain('list: cut@from:1 GET /notes');
  });

  it('find the same request in another run: a captured id is not part of its path, its number counts', async () => {
    const probe = httpProbe(list({ capture: { id: '$.items[0].id' } }), {
      name: 'one',
      request: { url: `${url}/notes/{{id}}/log` },
    });
    const seen = await seenOf(probe, { answers: [answer('/notes', notes), answer('/notes/n1/log', { lines: 3 })] });
    const specs = spelt(await planOn(probe, seen));
    expect(specs).toContain('one: error=500@nth:1 GET /notes/');
    expect(specs).toContain('list: error=500@nth:1 GET /notes');
  });

  it('fall on every try of a request that polls: one alone is polled away', async () => {
    const until = { json: { '$.state': 'done' }, every: '10ms', within: '1s' };
    const probe = httpProbe(list(), { name: 'poll', request: { url: `${url}/notes` }, until });
    const answers = [notes, { state: 'new' }, { state: 'new' }, { state: 'done' }].map((json) =>
      answer('/notes', json),
    );
    const specs = spelt(await planOn(probe, await seenOf(probe, { answers, attempts: { poll: 3 } })));
    expect(specs).toContain('poll: error=500@from:2 GET /notes');
    expect(specs).toContain('poll: corrupt=state@from:2 GET /notes');
  });

  it('fall behind the redirects that a step follows', async () => {
    const request = { url: `${url}/old`, followRedirects: 2 };
    const probe = httpProbe({ name: 'moved', request }, list());
    const answers = [
      answer('/old', undefined, { status: 302 }),
      answer('/new', { here: true }),
      answer('/notes', notes),
    ];
    const specs = spelt(await planOn(probe, await seenOf(probe, { answers })));
    expect(specs).toContain('moved: corrupt=here@nth:2 GET /');
    expect(specs).toContain('list: corrupt=total@nth:1 GET /notes');
  });

  it('fall on the second of repeated requests: what it is compared with is falsified, and its key forgotten', async () => {
    const request = { method: 'POST', url: `${url}/notes`, headers: { 'Idempotency-Key': 'k' } };
    const repeat = (more: object) => ({
      name: 'again',
      idempotent: { request, times: 3, events: { match: { a: 1 } }, ...more },
    });
    const made = (id: number) => answer('/notes', { id, at: id }, { method: 'POST' });
    const specsOf = async (more: object) => {
      const probe = probeOf({
        kind: 'websocket',
        steps: [{ connect: { url: 'ws://127.0.0.1:8080' } }, repeat(more), list()],
      });
      const answers = [made(1), made(1), made(1), answer('/notes', notes)];
      return spelt(await planOn(probe, await seenOf(probe, { answers, attempts: { again: 3 } }), undefined, {}, 100));
    };
    const compared = await specsOf({ same: ['$.id'] });
    expect(compared.filter((one) => /again/.test(one))).toEqual([
      'again: error=500@nth:2 POST /notes',
      'again: forget=idempotency-key@nth:2 POST /notes',
      'again: hang@from:2 POST /notes',
      'again: cut=body@from:2 POST /notes',
      'again: delay=1000ms@nth:2 POST /notes',
      '~again: wrong-type=text/html@nth:2 POST /notes',
      'again: corrupt=$:{}@nth:2 POST /notes',
      'again: corrupt=id@nth:2 POST /notes',
      '~again: corrupt=at@nth:2 POST /notes',
    ]);
    expect(compared).toContain('list: error=500@nth:1 GET /notes');
    // Nothing is compared, and so nothing of the answer's body can be noticed.
    expect((await specsOf({})).filter((one) => /^again: (corrupt|wrong)/.test(one))).toEqual([]);
  });

  it('leave out a step that was skipped', async () => {
    const probe = httpProbe(list(), { name: 'other', request: { url: `${url}/other` } });
    const whole = await seenOf(probe, { answers: [answer('/other', { a: 1 })] });
    const [first, ...rest] = whole.steps;
    const seen = { ...whole, steps: first ? [{ ...first, status: 'skipped' as const }, ...rest] : [] };
    expect(new Set((await planOn(probe, seen)).faults.map(({ step }) => step))).toEqual(new Set(['other']));
  });
});

describe('the faults for a probe', () => {
  it('are bounded: the first of each kind comes before the second of any, and the rest is counted', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `step ${n}`);
    const probe = httpProbe(...names.map((name) => ({ name, request: { url: `${url}/notes` } })));
    const seen = await seenOf(probe, { answers: names.map(() => answer('/notes', notes)) });
    const { faults, leftOut } = await planOn(probe, seen);
    expect([faults.length, leftOut]).toEqual([usualFaults, 12 * 7 - usualFaults]);
    expect((await planOn(probe, seen, seen, {}, 100)).leftOut).toBe(0);
    const kinds = new Set(faults.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['error', 'hang', 'cut', 'slow', 'wrong-type', 'empty', 'corrupt']));
  });

  it('can each be given to the fault proxy by hand', async () => {
    const probe = httpProbe(list({ expect: { json: { '$["a b"]["(x)"]': 1 } } }));
    const seen = await seenOf(probe, { answers: [answer('/notes', { 'a b': { '(x)': 1 }, '"': 2 })] });
    const { faults } = await planOn(probe, seen);
    for (const [index, spec] of spelt({ faults, leftOut: 0 }).entries()) {
      expect(parseFault(spec.replace(/^~?[^:]*: /, ''))).toEqual({ value: faults[index]?.fault });
    }
  });
});

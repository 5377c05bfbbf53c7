import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDispatchHandler } from '../../functions/dispatch.ts';
import { createJudgeHandler } from '../../functions/judge.ts';
import { createProbeHandler } from '../../functions/probe.ts';
import { openClients } from '../../lib/aws/clients.ts';
import { openPageClients } from '../../lib/aws/pages/clients.ts';
import { verdictChanged } from '../../lib/names.ts';
import { makeEvent } from '../support/alarms.ts';
import { cloudPlan, deliveryOf, lifeOf, longLife, makeCloudGround, messageOf } from '../support/cloud-ground.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { type Fenced, fenceIn, fenceOf } from '../support/fence.ts';
import { fresh } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { alarmRecords, setPagingScene, verdictEvent } from '../support/paging.ts';
import { allowedTo } from '../support/permissions.ts';
import { configOf, type Synthesised, synthesise } from '../support/stacking.ts';

/** Asked by AWS in the name of a function, and by no command of ours. */
const byAws: readonly RegExp[] = [
  /^logs:/,
  // The event source mapping.
  /^sqs:(DeleteMessage|GetQueueAttributes|ReceiveMessage) work$/,
  // Decides how S3 answers where an object is not there.
  /^s3:ListBucket bucket$/,
];

/** Lambda's own way for an invocation that it gave up. */
const destination = /^sqs:SendMessage dead letters$/;

const undo: (() => void)[] = [];
afterAll(() => {
  for (const step of undo) step();
});

describeWithEmulator('a function with nothing but the permissions of its role', () => {
  const emulator = sharedEmulator();
  const target = fresh(() => startHttpTarget((_, response) => json(response, 500, {})));
  const ground = fresh(() => makeCloudGround(emulator()));
  let stack: Synthesised;
  beforeAll(() => {
    stack = synthesise({ config: configOf(1), later: (step) => void undo.push(step) });
  });

  const roleOf = (name: string): ReadonlySet<string> =>
    fenceOf(allowedTo(stack, new RegExp(`^PlimsollFunctions${name}Role`)));

  const fencedGround = (allowed: ReadonlySet<string>) => {
    const fenced = fenceIn(openClients(emulator().clientConfig), ground().env, allowed);
    return { ...ground(), sleep: async () => {}, clients: fenced.clients, fenced };
  };

  /** All that is allowed was needed, and nothing else was asked for. */
  const expectAllOf = (allowed: ReadonlySet<string>, { asked, denied }: Fenced<unknown>, others: readonly RegExp[]) => {
    expect([...denied]).toEqual([]);
    const ours = [...allowed].filter((one) => !others.some((other) => other.test(one)));
    expect([...asked].toSorted()).toEqual(ours.toSorted());
  };

  /** The first of them is run; the second never is. */
  const plan = (method = 'GET') =>
    cloudPlan({
      probes: ['read', 'silent'].map((id) => ({
        id,
        kind: 'http',
        schedule: { every: '1h' },
        samples: 2,
        severity: 'page',
        alarm: { breachAfter: '1 of 1', confirmAfter: '1m' },
        steps: [{ name: 'get', request: { method, url: target().url }, expect: { status: 200 } }],
      })),
    });

  const tick = (at?: string) => ({ kind: 'tick', scheduledTime: new Date().toISOString(), ...(at ? { at } : {}) });
  const laterBy = (ms: number) => new Date(Date.now() + ms).toISOString();

  it('hands out runs, as the dispatcher', async () => {
    const allowed = roleOf('Dispatch');
    const { fenced, ...own } = fencedGround(allowed);
    await ground().deploy(plan());
    await createDispatchHandler(own)({ kind: 'demand', probes: [], clientToken: 'one' });
    expectAllOf(allowed, fenced, [...byAws, destination]);
  });

  it('measures, keeps and tells, takes a duplicate back, claims and releases, as the probe function', async () => {
    const allowed = roleOf('Probe');
    const { fenced, ...own } = fencedGround(allowed);
    const probe = createProbeHandler(own);
    const message = messageOf(plan());
    await probe(deliveryOf(message), longLife);
    await probe(deliveryOf(message), longLife);
    await probe(deliveryOf(message, 2), longLife);
    const claimed = messageOf(plan('POST'), [{ slot: laterBy(-60_000) }]);
    await probe(deliveryOf(claimed), lifeOf(20_000));
    await probe(deliveryOf(claimed), longLife);
    await probe(deliveryOf('rubbish'), longLife);
    expectAllOf(allowed, fenced, byAws);
  });

  it('looks, tells of runs that do not come, and publishes the gauges, as the judge', async () => {
    const allowed = roleOf('Judge');
    const { fenced, ...own } = fencedGround(allowed);
    await ground().deploy(plan());
    await createProbeHandler(ground())(deliveryOf(messageOf(plan())), longLife);
    const judge = createJudgeHandler(own);
    await judge(tick(), longLife);
    await judge(tick(laterBy(240_000)), longLife);
    await judge(tick(laterBy(4 * 3_600_000)), longLife);
    await judge({ 'detail-type': verdictChanged, source: 'plimsoll', detail: {} }, longLife);
    expectAllOf(allowed, fenced, byAws);
  });

  it('tells of a probe and of an alarm, as the page function', async () => {
    const allowed = roleOf('Page');
    const scene = await setPagingScene(emulator(), {});
    const fenced = fenceIn(openPageClients(emulator().clientConfig), scene.ground.env, allowed);
    const own = { ...scene.ground, clients: fenced.clients };
    const breach = makeEvent('breach');
    await scene.keep(breach);
    await scene.invoke(verdictEvent(breach), own);
    const change = {
      AlarmName: 'plimsoll-notes-dead-letters',
      AWSAccountId: '000000000000',
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      NewStateReason: 'Threshold Crossed',
      StateChangeTime: '2026-01-31T13:00:00.000+0000',
    };
    await scene.invoke(alarmRecords(change), own);
    scene.close();
    expectAllOf(allowed, fenced, [...byAws, destination]);
  });

  it('would be caught where its role lacks one, or has one that nobody needs', async () => {
    const allowed = roleOf('Judge');
    const lacking = new Set([...allowed].filter((one) => one !== 'dynamodb:UpdateItem table'));
    const { fenced, ...own } = fencedGround(lacking);
    await ground().deploy(plan());
    const changed = { 'detail-type': verdictChanged, source: 'plimsoll', detail: {} };
    await expect(createJudgeHandler(own)(changed, longLife)).rejects.toThrow(/not authorized/);
    expect([...fenced.denied]).toEqual(['dynamodb:UpdateItem table']);
    expect(() =>
      expectAllOf(new Set([...fenced.asked, 'dynamodb:Scan table']), { ...fenced, denied: new Set() }, []),
    ).toThrow(/dynamodb:Scan table/);
  });
});

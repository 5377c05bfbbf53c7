import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createProbeHandler } from '../../functions/probe.ts';
import { openDeadLetters, samplesLetter } from '../../lib/aws/dead-letters.ts';
import { openEvents } from '../../lib/aws/events.ts';
import { type ReplayDeps, type Replayed, replayDeadLetters } from '../../lib/aws/replay.ts';
import { restoreSamples } from '../../lib/aws/samples.ts';
import { openKeptWith } from '../../lib/aws/work/kept.ts';
import { environmentNames } from '../../lib/names.ts';
import {
  type CloudGround,
  cloudPlan,
  deliveryOf,
  longLife,
  makeCloudGround,
  messageOf,
  without,
} from '../support/cloud-ground.ts';
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { json, startHttpTarget, type Target } from '../support/http-target.ts';

describeWithEmulator('a replay of the dead-letter queue', () => {
  let emulator: Emulator;
  let ground: CloudGround;
  let target: Target;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator?.stop());

  beforeEach(async () => {
    target = await startHttpTarget((_, response) => json(response, 500, {}));
    ground = await makeCloudGround(emulator);
  });
  afterEach(async () => {
    ground.close();
    await target.close();
  });

  const plan = () =>
    cloudPlan({
      probes: [
        {
          id: 'read',
          kind: 'http',
          schedule: { every: '1h' },
          samples: 2,
          severity: 'page',
          alarm: { breachAfter: '1 of 1', confirmAfter: false },
          steps: [{ name: 'get', request: { url: target.url }, expect: { status: 200 } }],
        },
      ],
    });

  const queueUrl = (name: 'workQueueUrl' | 'deadLetterQueueUrl') => ground.env[environmentNames[name]] ?? '';

  const replay = async (options: { dryRun?: boolean } = {}, broken: CloudGround = ground) => {
    const { place, clock, region } = ground;
    const deps: ReplayDeps = {
      sqs: await ground.clients.sqs(),
      queueUrl: queueUrl('deadLetterQueueUrl'),
      region,
      clock,
      openKept: openKeptWith(broken, place),
      restoreSamples: (samples) => restoreSamples(place, samples),
      events: openEvents({ eventbridge: ground.clients.eventbridge }, ground),
    };
    const all: Replayed[] = [];
    for await (const one of replayDeadLetters(deps, options)) all.push(one);
    return all;
  };

  const bury = async (body: string) => {
    const { SendMessageCommand } = await import('@aws-sdk/client-sqs');
    const command = new SendMessageCommand({ QueueUrl: queueUrl('deadLetterQueueUrl'), MessageBody: body });
    await (await ground.clients.sqs()).send(command);
  };

  /** Messages in the dead-letter queue, those that somebody holds included. */
  const left = async (): Promise<number> => {
    const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const command = new GetQueueAttributesCommand({
      QueueUrl: queueUrl('deadLetterQueueUrl'),
      AttributeNames: [...names],
    });
    const { Attributes = {} } = await (await ground.clients.sqs()).send(command);
    return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  };

  it('stores a run that the store was down for, judges it, and tells of it; once', async () => {
    const message = messageOf(plan());
    await createProbeHandler(without(ground, 'dynamo'))(deliveryOf(message), longLife);
    await createProbeHandler(without(ground, 'dynamo'))(deliveryOf(message), longLife);
    expect((await replay()).map(({ outcome }) => outcome).toSorted()).toEqual(['known', 'written']);
    const [run] = await ground.place.open().list();
    expect(run).toMatchObject({ probe: 'read', verdict: 'fail' });
    expect((await ground.place.open().get(run?.runId ?? ''))?.passes).toHaveLength(2);
    expect(await ground.takeEvents()).toMatchObject([{ kind: 'breached', route: 'page' }]);
    expect(await left()).toBe(0);
  });

  it('leaves in the queue what cannot be written, with the reason, and may be done again', async () => {
    await createProbeHandler(without(ground, 'dynamo'))(deliveryOf(messageOf(plan())), longLife);
    const [failed] = await replay({}, without(ground, 'dynamo'));
    expect(failed).toMatchObject({
      kind: 'run',
      outcome: 'failed',
      reason: expect.stringMatching(/cannot be reached/),
    });
    expect(await replay()).toMatchObject([{ kind: 'run', outcome: 'written' }]);
  });

  it('writes raw samples where they belong', async () => {
    const { deadLetterQueueUrl } = environmentNames;
    const letters = openDeadLetters({ sqs: ground.clients.sqs, queueUrl: ground.env[deadLetterQueueUrl] ?? '' });
    await letters.send(
      samplesLetter('runs/date=2026-01-31/a.ndjson.gz', Buffer.from('x'), 'down', '2026-01-31T00:00:00Z'),
    );
    expect(await replay()).toMatchObject([{ kind: 'samples', outcome: 'written', reason: 'down' }]);
    expect(await ground.place.objects()).toEqual(['runs/date=2026-01-31/a.ndjson.gz']);
  });

  it('puts runs on record as late whose message was never worked off', async () => {
    await bury(JSON.stringify(messageOf(plan())));
    expect(await replay()).toMatchObject([{ kind: 'work', outcome: 'written' }]);
    expect(await ground.place.open().list()).toMatchObject([{ probe: 'read', status: 'late' }]);
  });

  it('takes the step of a run that was stored, and whose message was then given up before it was judged', async () => {
    const message = messageOf(plan());
    const other = await makeCloudGround(emulator);
    await createProbeHandler(other)(deliveryOf(message), longLife);
    const [run] = await other.place.open().list();
    const stored = await other.place.open().get(run?.runId ?? '');
    other.close();
    if (stored) await ground.place.open().put(stored);
    await ground.takeEvents();
    await bury(JSON.stringify(message));
    expect(await replay()).toMatchObject([{ kind: 'work', outcome: 'known' }]);
    expect(await ground.place.open().pendingEvents()).toMatchObject([{ kind: 'breached', probe: 'read' }]);
    expect(await ground.takeEvents()).toMatchObject([{ kind: 'breached', probe: 'read' }]);
  });

  it('keeps poison for a person to look at', async () => {
    await bury('{"schema":1,"at":"2026-01-31T00:00:00Z","reason":"it is no JSON","kind":"poison","message":"hello"}');
    await bury('rubbish');
    const told = await replay();
    expect(told.map(({ kind, outcome, reason }) => [kind, outcome, reason])).toEqual([
      ['poison', 'kept', 'it is no JSON'],
      ['poison', 'kept', 'it is no JSON'],
    ]);
    expect(await left()).toBe(2);
    expect(await replay()).toHaveLength(2);
  });

  it('says of an invocation that Lambda gave up which function it was, and why', async () => {
    const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:plimsoll-page:$LATEST';
    const requestContext = { functionArn, condition: 'RetriesExhausted' };
    await bury(
      JSON.stringify({ version: '1.0', requestContext, responsePayload: { errorMessage: 'not all was told' } }),
    );
    expect(await replay()).toMatchObject([
      {
        kind: 'poison',
        outcome: 'kept',
        reason: 'an invocation of the function plimsoll-page failed for good: not all was told',
      },
    ]);
  });

  it('changes nothing in a dry run', async () => {
    await bury(JSON.stringify(messageOf(plan())));
    expect(await replay({ dryRun: true })).toMatchObject([{ kind: 'work', outcome: 'found' }]);
    expect(await ground.place.open().list()).toEqual([]);
    expect(await replay()).toMatchObject([{ outcome: 'written' }]);
  });
});

import { describe, expect, it } from 'vitest';
import { createProbeHandler } from '../../functions/probe.ts';
import { openDeadLetters, samplesLetter } from '../../lib/aws/dead-letters.ts';
import type { Replayed, ReplayOptions } from '../../lib/aws/replay.ts';
import { environmentNames } from '../../lib/names.ts';
import {
  type CloudGround,
  deliveryOf,
  longLife,
  makeCloudGround,
  messageOf,
  readPlan,
  without,
} from '../support/cloud-ground.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { alarmRecords } from '../support/paging.ts';
import { replayOn } from '../support/replaying.ts';

describeWithEmulator('a replay of the dead-letter queue', () => {
  const emulator = sharedEmulator();
  const target = fresh(() => startHttpTarget((_, response) => json(response, 500, {})));
  const ground = fresh(() => makeCloudGround(emulator()));

  const plan = () => readPlan(target().url);
  const queueUrl = (name: 'workQueueUrl' | 'deadLetterQueueUrl') => ground().env[environmentNames[name]] ?? '';
  const replay = (options: ReplayOptions = {}, broken?: CloudGround) => replayOn(ground(), options, broken);

  const bury = async (body: string, attributes: Readonly<Record<string, string>> = {}) => {
    const { SendMessageCommand } = await import('@aws-sdk/client-sqs');
    const command = new SendMessageCommand({
      QueueUrl: queueUrl('deadLetterQueueUrl'),
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    });
    await (await ground().clients.sqs()).send(command);
  };

  /** Messages in the dead-letter queue, those that somebody holds included. */
  const left = async (): Promise<number> => {
    const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const command = new GetQueueAttributesCommand({
      QueueUrl: queueUrl('deadLetterQueueUrl'),
      AttributeNames: [...names],
    });
    const { Attributes = {} } = await (await ground().clients.sqs()).send(command);
    return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  };

  it('stores a run that the store was down for, judges it, and tells of it; once', async () => {
    const message = messageOf(plan());
    await createProbeHandler(without(ground(), 'dynamo'))(deliveryOf(message), longLife);
    await createProbeHandler(without(ground(), 'dynamo'))(deliveryOf(message), longLife);
    expect((await replay()).map(({ outcome }) => outcome).toSorted()).toEqual(['known', 'written']);
    const [run] = await ground().place.open().list();
    expect(run).toMatchObject({ probe: 'read', verdict: 'fail' });
    expect(
      (
        await ground()
          .place.open()
          .get(run?.runId ?? '')
      )?.passes,
    ).toHaveLength(2);
    expect(await ground().takeEvents()).toMatchObject([{ kind: 'breached', route: 'page' }]);
    expect(await left()).toBe(0);
  });

  it('leaves in the queue what cannot be written, with the reason, and may be done again', async () => {
    await createProbeHandler(without(ground(), 'dynamo'))(deliveryOf(messageOf(plan())), longLife);
    const [failed] = await replay({}, without(ground(), 'dynamo'));
    expect(failed).toMatchObject({
      kind: 'run',
      outcome: 'failed',
      reason: expect.stringMatching(/cannot be reached/),
    });
    expect(await replay()).toMatchObject([{ kind: 'run', outcome: 'written' }]);
  });

  it('writes raw samples where they belong', async () => {
    const { deadLetterQueueUrl } = environmentNames;
    const letters = openDeadLetters({ sqs: ground().clients.sqs, queueUrl: ground().env[deadLetterQueueUrl] ?? '' });
    await letters.send(
      samplesLetter('runs/date=2026-01-31/a.ndjson.gz', Buffer.from('x'), 'down', '2026-01-31T00:00:00Z'),
    );
    expect(await replay()).toMatchObject([{ kind: 'samples', outcome: 'written', reason: 'down' }]);
    expect(await ground().place.objects()).toEqual(['runs/date=2026-01-31/a.ndjson.gz']);
  });

  it('puts runs on record as late whose message was never worked off', async () => {
    await bury(JSON.stringify(messageOf(plan())));
    expect(await replay()).toMatchObject([{ kind: 'work', outcome: 'written' }]);
    expect(await ground().place.open().list()).toMatchObject([{ probe: 'read', status: 'late' }]);
  });

  it('takes the step of a run that was stored, and whose message was then given up before it was judged', async () => {
    const message = messageOf(plan());
    const other = await makeCloudGround(emulator());
    await createProbeHandler(other)(deliveryOf(message), longLife);
    const [run] = await other.place.open().list();
    const stored = await other.place.open().get(run?.runId ?? '');
    other.close();
    if (stored) await ground().place.open().put(stored);
    await ground().takeEvents();
    await bury(JSON.stringify(message));
    expect(await replay()).toMatchObject([{ kind: 'work', outcome: 'known' }]);
    expect(await ground().place.open().pendingEvents()).toMatchObject([{ kind: 'breached', probe: 'read' }]);
    expect(await ground().takeEvents()).toMatchObject([{ kind: 'breached', probe: 'read' }]);
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

  it('changes nothing in a dry run', async () => {
    await bury(JSON.stringify(messageOf(plan())));
    await bury('rubbish');
    const found = await replay({ dryRun: true, discard: async () => true });
    expect(found.map(({ kind, outcome }) => `${kind} ${outcome}`).toSorted()).toEqual(['poison kept', 'work found']);
    expect(await ground().place.open().list()).toEqual([]);
    expect((await replay()).map(({ outcome }) => outcome).toSorted()).toEqual(['kept', 'written']);
  });

  describe('that is to discard what it cannot write', () => {
    const poison =
      '{"schema":1,"at":"2026-01-31T00:00:00Z","reason":"it is no JSON","kind":"poison","message":"hello"}';

    it('deletes that once it was shown, and nothing that failed for a passing reason', async () => {
      await createProbeHandler(without(ground(), 'dynamo'))(deliveryOf(messageOf(plan())), longLife);
      await bury(poison);
      const shown: Replayed[] = [];
      const discard = async (kept: readonly Replayed[]) => shown.push(...kept) > 0;
      const told = await replay({ discard }, without(ground(), 'dynamo'));
      expect(told.map(({ kind, outcome }) => `${kind} ${outcome}`).toSorted()).toEqual([
        'poison discarded',
        'poison kept',
        'run failed',
      ]);
      expect(shown).toMatchObject([{ outcome: 'kept', reason: 'it is no JSON', at: '2026-01-31T00:00:00Z' }]);
      expect(new Set(told.filter(({ kind }) => kind === 'poison').map(({ id }) => id)).size).toBe(1);
      expect(await replay()).toMatchObject([{ kind: 'run', outcome: 'written' }]);
      expect(await left()).toBe(0);
    });

    it('leaves everything where it is told not to, or is interrupted while it asks', async () => {
      await bury(poison);
      expect(await replay({ discard: async () => false })).toMatchObject([{ outcome: 'kept' }]);
      const interrupted = replay({ discard: () => Promise.reject(new Error('interrupted')) });
      await expect(interrupted).rejects.toThrow('interrupted');
      expect(await replay()).toMatchObject([{ outcome: 'kept' }]);
    });

    it('asks nothing where all was written', async () => {
      await bury(JSON.stringify(messageOf(plan())));
      const discard = () => Promise.reject(new Error('it asked'));
      expect(await replay({ discard })).toMatchObject([{ outcome: 'written' }]);
    });

    it('takes a run that is damaged for one that no replay will write', async () => {
      await createProbeHandler(without(ground(), 'dynamo'))(deliveryOf(messageOf(plan())), longLife);
      const [letter] = await ground().take('deadLetters');
      await bury(JSON.stringify({ ...letter, run: String(letter?.run).slice(0, 200) }));
      const told = await replay({ discard: async () => true });
      expect(told.map(({ kind, outcome }) => [kind, outcome])).toEqual([
        ['run', 'kept'],
        ['run', 'discarded'],
      ]);
      expect(told[0]?.reason).toMatch(/cannot be reached.*; its run cannot be read: unexpected end of file/);
    });
  });

  const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

  it.each<[what: string, body: object, attributes: Readonly<Record<string, string>>, reason: string]>([
    [
      'an invocation of the page function, whose events are in the outbox',
      {
        version: '1.0',
        requestContext: { functionArn: `${arnOf('plimsoll-page')}:$LATEST`, condition: 'RetriesExhausted' },
        requestPayload: { source: 'plimsoll', 'detail-type': 'ProbeVerdictChanged', detail: { probe: 'read' } },
        responsePayload: { errorMessage: 'not all was told' },
      },
      {},
      'an invocation of the function plimsoll-page failed for good: not all was told; its events wait in the outbox, and the judge puts them on the bus again until they are told: to discard it loses nothing',
    ],
    [
      'a change of an alarm that was told to nobody',
      {
        requestContext: { functionArn: `${arnOf('plimsoll-page')}:$LATEST`, condition: 'RetriesExhausted' },
        requestPayload: alarmRecords({
          AlarmName: 'plimsoll-notes-judge-silent',
          AWSAccountId: '000000000000',
          NewStateValue: 'ALARM',
          OldStateValue: 'OK',
          NewStateReason: 'no data',
          StateChangeTime: '2026-01-31T13:00:00.000+0000',
        }),
      },
      {},
      'an invocation of the function plimsoll-page failed for good: RetriesExhausted; nobody is told again that the alarm plimsoll-notes-judge-silent went to ALARM: look at it before you discard this',
    ],
    [
      'a demand that the dispatcher failed at',
      {
        requestContext: { functionArn: arnOf('plimsoll-dispatch') },
        requestPayload: { kind: 'demand', probes: [], clientToken: 'ci-17' },
        responsePayload: { errorMessage: 'the plan is damaged' },
      },
      {},
      'an invocation of the function plimsoll-dispatch failed for good: the plan is damaged; who asked with the token ci-17 has to ask again',
    ],
    [
      'a schedule that did not reach its function',
      { kind: 'cadence', cadence: 'hourly', scheduledTime: '2026-01-31T13:00:00Z' },
      { TARGET_ARN: arnOf('plimsoll-dispatch'), ERROR_CODE: 'ThrottlingException', ERROR_MESSAGE: 'slow down' },
      'EventBridge did not reach the function plimsoll-dispatch: ThrottlingException: slow down; runs of 2026-01-31T13:00:00Z that were not handed out show as missed, and are not made up',
    ],
    [
      'an event that did not reach its function',
      { source: 'plimsoll', 'detail-type': 'ProbeVerdictChanged', detail: { probe: 'read' } },
      { RULE_ARN: 'arn:aws:events:us-east-1:000000000000:rule/changed', ERROR_CODE: 'NO_PERMISSIONS' },
      'EventBridge did not reach a function: NO_PERMISSIONS; its events wait in the outbox, and the judge puts them on the bus again until they are told: to discard it loses nothing',
    ],
  ])('says of %s what failed, why, and what is lost with it', async (_, body, attributes, reason) => {
    await bury(JSON.stringify(body), attributes);
    const before = Date.now();
    const [told] = await replay();
    expect(told).toMatchObject({ kind: 'poison', outcome: 'kept', reason });
    expect(Math.abs(Date.parse(told?.at ?? '') - before)).toBeLessThan(600_000);
  });
});

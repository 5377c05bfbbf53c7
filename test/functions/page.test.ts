import { expect, it, onTestFinished } from 'vitest';
import type { PageGround } from '../../lib/aws/pages/open.ts';
import { DynamoDBClient } from '../../lib/aws/sdk/dynamodb.ts';
import { makeEvent } from '../support/alarms.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { fresh } from '../support/fresh.ts';
import { startPagerDuty } from '../support/pagerduty.ts';
import { setPagingScene, verdictEvent } from '../support/paging.ts';

const routingKey = 'canary-routing-key-0123456789abc';
const breach = makeEvent('breach');
const recovery = makeEvent('recovery', {
  kind: 'recovered',
  slot: '2026-01-31T13:00:20.000Z',
  title: 'RECOVERED notes',
});

describeWithEmulator('the page function', () => {
  const emulator = sharedEmulator();
  const pagerduty = fresh(() => startPagerDuty());
  const scene = fresh(() => {
    const channel = { pagerduty: { routingKey: '{{pagerdutyKey}}', url: pagerduty().url } };
    const variables = { pagerdutyKey: { from: ['ssm:/notes/pagerduty'], secret: true } };
    const config = { variables, notify: { page: [channel], monitoring: [channel] } };
    return setPagingScene(emulator(), config, { '/notes/pagerduty': routingKey });
  });

  const pending = async () => (await scene().store.pendingEvents()).map(({ id }) => id);
  const lines = () => scene().log.map(({ line }) => line);

  /** Another process, whose connection to DynamoDB breaks: at these commands, or by what was sent how often. */
  const brokenGround = (broken: string | ((command: string, times: number) => boolean)): PageGround => {
    const dynamo = new DynamoDBClient({ ...emulator().clientConfig, maxAttempts: 1 });
    const sent = new Map<string, number>();
    const breaks = typeof broken === 'string' ? (command: string) => command === broken : broken;
    dynamo.middlewareStack.add(
      (next, { commandName = '' }) =>
        (input) => {
          const times = (sent.get(commandName) ?? 0) + 1;
          sent.set(commandName, times);
          if (breaks(commandName, times)) throw new Error(`cut: ${commandName}`);
          return next(input);
        },
      { step: 'initialize' },
    );
    onTestFinished(() => dynamo.destroy());
    return { ...scene().ground, clients: { ...scene().ground.clients, dynamo: async () => dynamo } };
  };

  it('tells a breach to every channel of its route and to the topic, in one text, and settles it', async () => {
    await scene().keep(breach);
    expect(await scene().invoke(verdictEvent(breach))).toEqual({ probes: 1, alarms: 0 });
    expect(pagerduty().incidents).toMatchObject([{ dedupKey: breach.dedupKey, status: 'open', routingKey }]);
    expect(pagerduty().incidents[0]?.triggers[0]?.custom_details).toMatchObject({ text: breach.text });
    expect(await scene().heard('page')).toEqual([
      {
        subject: breach.title,
        text: breach.text,
        attributes: {
          service: 'notes',
          environment: 'dev',
          probe: 'api-read',
          severity: 'page',
          kind: 'breached',
          route: 'page',
        },
      },
    ]);
    expect([await pending(), await scene().heard('ticket')]).toEqual([[], []]);
    expect(lines()).toEqual(['sent to notify.page: answered 202, published']);
  });

  it('reads the news of its own probe alone: a bad minute of the whole plan must not be read anew for each', async () => {
    const others = Array.from({ length: 30 }, (_, n) => makeEvent(`other-${n}`, { probe: `other-${n}` }));
    await scene().keep(breach, ...others);
    let read = 0;
    const dynamo = new DynamoDBClient(emulator().clientConfig);
    dynamo.middlewareStack.add((next) => async (input) => {
      const result = await next(input);
      const { Items = [] } = result.output as { readonly Items?: readonly unknown[] };
      read += Items.length;
      return result;
    });
    await scene().invoke(verdictEvent(breach), {
      ...scene().ground,
      clients: { ...scene().ground.clients, dynamo: async () => dynamo },
    });
    dynamo.destroy();
    expect([read, (await pending()).length]).toEqual([1, 30]);
  });

  it('tells an event once, however often it comes', async () => {
    await scene().keep(breach);
    for (let times = 0; times < 3; times++) await scene().invoke(verdictEvent(breach));
    expect([pagerduty().answers, (await scene().heard('page')).length]).toEqual([[202], 1]);
  });

  it('tells an event once when it is delivered several times at once', async () => {
    await scene().keep(breach, makeEvent('other', { probe: 'other', dedupKey: 'other' }));
    const inputs = [verdictEvent(breach), verdictEvent(breach), { kind: 'replay' }, { kind: 'replay' }];
    await Promise.all(inputs.map((input) => scene().invoke(input)));
    expect(pagerduty().incidents.map(({ triggers }) => triggers.length)).toEqual([1, 1]);
    expect([await scene().heard('page'), await pending()]).toEqual([[expect.anything(), expect.anything()], []]);
  });

  it('tells a breach before its recovery, whichever event comes first, and resolves the incident', async () => {
    await scene().keep(breach, recovery);
    await Promise.all([scene().invoke(verdictEvent(recovery)), scene().invoke(verdictEvent(breach))]);
    expect(pagerduty().incidents.map(({ status, triggers }) => [status, triggers.length])).toEqual([['resolved', 1]]);
    expect((await scene().heard('page')).map(({ subject }) => subject)).toEqual([breach.title, recovery.title]);
  });

  it('tries again after 429 and 500, and has one incident', async () => {
    await scene().keep(breach);
    pagerduty().fail(500, 429);
    await scene().invoke(verdictEvent(breach));
    expect([pagerduty().answers, pagerduty().incidents.length]).toEqual([[500, 429, 202], 1]);
  });

  it('fails when all tries at a channel have, and the next invocation tells that channel alone', async () => {
    await scene().keep(breach);
    pagerduty().fail(500, 500, 500, 500);
    await expect(scene().invoke(verdictEvent(breach))).rejects.toThrow('not all was told: api-read: not sent: breach');
    expect([await pending(), (await scene().heard('page')).length]).toEqual([['breach'], 1]);
    expect(lines()).toEqual(['notify.page could not be reached (answered 500); trying again']);
    await scene().invoke({ kind: 'replay' });
    expect([pagerduty().incidents.length, await scene().heard('page'), await pending()]).toEqual([1, [], []]);
  });

  it('lets no channel hold up another: what comes after is told to those that take it', async () => {
    await scene().keep(breach, recovery);
    pagerduty().fail(503, 503, 503, 503);
    await expect(scene().invoke(verdictEvent(breach))).rejects.toThrow('not sent: breach, recovery');
    expect((await scene().heard('page')).map(({ subject }) => subject)).toEqual([breach.title, recovery.title]);
    await scene().invoke({ kind: 'replay', probes: ['api-read'] });
    expect(pagerduty().incidents.map(({ status }) => status)).toEqual(['resolved']);
    expect(await scene().heard('page')).toEqual([]);
  });

  it('settles what a channel refuses for good, fails once so that somebody hears of it, and does not ask it again', async () => {
    const hook = { webhook: { url: pagerduty().url } };
    const other = await setPagingScene(emulator(), { notify: { page: [hook] } });
    onTestFinished(() => other.close());
    await other.keep(breach);
    await expect(other.invoke(verdictEvent(breach))).rejects.toThrow(
      'not all was told: breach: refused for good by webhook: answered 400',
    );
    await other.invoke(verdictEvent(breach));
    expect(pagerduty().answers).toEqual([400]);
    expect(other.log.map(({ line }) => line)).toEqual([
      'notify.page refused it for good: answered 400',
      'sent to notify.page: answered 400, published',
    ]);
  });

  it('tells those it can reach when the key of another cannot be read, and fails', async () => {
    const channel = { pagerduty: { routingKey: '{{missing}}', url: pagerduty().url } };
    const variables = { missing: { from: ['ssm:/notes/no-such'], secret: true } };
    const other = await setPagingScene(emulator(), { variables, notify: { page: [channel] } });
    onTestFinished(() => other.close());
    await other.keep(breach);
    await expect(other.invoke(verdictEvent(breach))).rejects.toThrow('not sent: breach');
    expect((await other.heard('page')).length).toBe(1);
    expect(other.log.map(({ line }) => line)).toEqual([
      'notify.page could not be reached (pagerduty: {{missing}} has no value); trying again',
    ]);
  });

  it('gives up news that is a day old, after one more try', async () => {
    await scene().keep(breach);
    scene().pass(86_500_000);
    pagerduty().fail(500, 500, 500, 500);
    await scene().invoke({ kind: 'replay' });
    expect(await pending()).toEqual([]);
  });

  it('sends nothing that it cannot claim, and nothing again of which it only could not write that it is settled', async () => {
    await scene().keep(breach);
    await expect(scene().invoke(verdictEvent(breach), brokenGround('UpdateItemCommand'))).rejects.toThrow('cut');
    expect([pagerduty().answers, await pending()]).toEqual([[], ['breach']]);
    const unsettled = brokenGround('TransactWriteItemsCommand');
    await expect(scene().invoke(verdictEvent(breach), unsettled)).rejects.toThrow('cut: TransactWriteItemsCommand');
    expect([pagerduty().answers, await pending()]).toEqual([[202], ['breach']]);
    await scene().invoke({ kind: 'replay' });
    expect([pagerduty().answers, await pending()]).toEqual([[202], []]);
  });

  it('waits while another process has the page in hand, and takes it over when that has died: PagerDuty merges the two', async () => {
    await scene().keep(breach);
    // Two channels are claimed; it sends, and can then write nothing any more.
    const dying = brokenGround((command, times) => command === 'UpdateItemCommand' && times > 2);
    await expect(scene().invoke(verdictEvent(breach), dying)).rejects.toThrow('cut');
    expect(pagerduty().answers).toEqual([202]);
    let ended = false;
    const next = scene()
      .invoke({ kind: 'replay' })
      .then(() => {
        ended = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect([ended, pagerduty().answers]).toEqual([false, [202]]);
    scene().pass(10 * 60_000);
    await next;
    expect(pagerduty().incidents.map(({ triggers }) => triggers.length)).toEqual([2]);
    expect(await pending()).toEqual([]);
  });

  it('fails on what it does not know, and says what that was', async () => {
    await expect(scene().invoke({ kind: 'nonsense' })).rejects.toThrow('neither a verdict');
    expect(scene().log).toMatchObject([{ level: 'error', what: 'poison' }]);
  });

  it('keeps its secrets to itself', async () => {
    await scene().keep(breach);
    pagerduty().fail(500, 500, 500, 500);
    const failed = await scene().invoke(verdictEvent(breach)).catch(String);
    await scene().invoke({ kind: 'replay' });
    expect(pagerduty().bodies.at(-1)).toContain(routingKey);
    const sinks = [failed, scene().log, await scene().heard('page'), await scene().items()];
    expect(JSON.stringify(sinks)).not.toContain(routingKey);
  });
});

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { poisonLetter, runLetter } from '../../lib/aws/dead-letters.ts';
import { parseConfig } from '../../lib/config/parse.ts';
import { deployedService } from '../../lib/dispatch/service.ts';
import { outputNames } from '../../lib/names.ts';
import { demandedRun, openSmallStore } from '../support/aws-desk.ts';
import { openDesk, typeTo } from '../support/cli.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { makeSmallStack, type SmallStack, smallSlot } from '../support/small-stack.ts';

const config = {
  service: 'shop',
  probes: ['a', 'b'].map((id) => ({ id, kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:9/' } }] })),
};

const at = '2026-11-17T13:00:00.000Z';

/** A letter of a run that was measured while the table did not answer. */
const letterOf = async (probe: string, reason: string): Promise<string> => {
  const parsed = parseConfig(config);
  const plan = parsed.ok ? parsed.plan : undefined;
  const item = plan?.probes.find(({ id }) => id === probe);
  if (!plan || !item) throw new Error(`no probe ${probe}`);
  const service = deployedService({ schema: 1, environment: 'prod', plan, values: {} });
  const work = { probe: item, slot: smallSlot, trigger: 'demand', token: 't', dueAt: smallSlot } as const;
  return JSON.stringify(await runLetter(demandedRun('t', probe), { service, item: work }, reason, at));
};

describeWithEmulator('plimsoll replay', () => {
  const emulator = sharedEmulator();

  const setUp = async (name: string) => {
    const desk = openDesk();
    desk.write('plimsoll.json', config);
    const stack: SmallStack = await makeSmallStack(emulator(), name);
    const queue = stack.outputs[outputNames.deadLetterQueueUrl];
    const bury = async (body: string) =>
      void (await new SQSClient(emulator().clientConfig).send(
        new SendMessageCommand({ QueueUrl: queue, MessageBody: body }),
      ));
    const args = ['replay', '-c', 'plimsoll.json', '--stack', name];
    const replay = (...rest: readonly string[]) => desk.run([...args, ...rest], { ...emulator().env });
    const typing = (line: string, ...rest: readonly string[]) =>
      typeTo(desk, [...args, ...rest], { asked: 'Type discard', line, env: emulator().env });
    return { store: openSmallStore(emulator(), stack), bury, replay, typing };
  };

  it('writes the runs that wait in the queue, a line for each with its reason; and there is nothing then', async () => {
    const { store, bury, replay } = await setUp('replayed');
    await bury(await letterOf('a', 'the table did not answer'));
    await bury(await letterOf('b', 'the table\u001b[31m was throttled'));
    await store.put(demandedRun('t', 'b'));
    const waiting = await replay('--dry-run');
    expect([waiting.code, waiting.stderr]).toEqual([1, '']);
    expect(waiting.stdout.trimEnd().split('\n').toSorted()).toEqual([
      'bad: 2 letters of replayed: 2 waiting; plimsoll replay writes them',
      `found     run      a of ${smallSlot}: the table did not answer`,
      `found     run      b of ${smallSlot}: the table\\x1b[31m was throttled`,
    ]);
    expect(await store.list({ probe: 'a' })).toEqual([]);

    const { code, stdout, stderr } = await replay();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual([
      'good: 2 letters of replayed: 1 written, 1 on record before',
      `known     run      b of ${smallSlot}: the table\\x1b[31m was throttled`,
      `written   run      a of ${smallSlot}: the table did not answer`,
    ]);
    const [run] = await store.list({ probe: 'a' });
    expect(await store.get(run?.runId ?? '')).toMatchObject({ run: { probe: 'a' }, passes: [{}, {}] });
    const empty = await replay();
    expect([empty.code, empty.stdout]).toEqual([0, 'good: nothing lies in the dead-letter queue of replayed\n']);
  });

  it('is exit 1 while poison remains, and says what it is', async () => {
    const { bury, replay } = await setUp('poisoned');
    await bury('{ not JSON');
    await bury(JSON.stringify(poisonLetter('{"schema":7}', 'the message has no service', at)));
    await bury(await letterOf('a', 'the table did not answer'));
    const { code, stdout } = await replay('--json');
    expect(code).toBe(1);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: 1, stack: 'poisoned', region: 'us-east-1', dryRun: false });
    const letters: readonly { readonly kind: string; readonly outcome: string; readonly reason: string }[] =
      document.letters;
    expect(letters.map(({ kind, outcome }) => `${kind} ${outcome}`).toSorted()).toEqual([
      'poison kept',
      'poison kept',
      'run written',
    ]);
    expect(letters.map(({ reason }) => reason)).toContain('the message has no service');
    const again = await replay();
    expect([again.code, again.stdout.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      'bad: 2 letters of poisoned: 2 for a person to look at; what cannot be replayed stays until plimsoll replay --discard removes it',
    ]);
  });

  const poison = JSON.stringify(poisonLetter('{"schema":7}', 'the message has no service', at));

  it('deletes what cannot be replayed with --discard and --yes, and is exit 0 when the queue is empty', async () => {
    const { bury, replay } = await setUp('discarded');
    await bury(poison);
    await bury(await letterOf('a', 'the table did not answer'));
    const { code, stdout, stderr } = await replay('--discard', '--yes');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 2).toSorted()).toEqual([
      expect.stringMatching(
        /^kept {6}poison {3}message [\w-]+, 2026-11-17T13:00:00\.000Z: the message has no service$/,
      ),
      `written   run      a of ${smallSlot}: the table did not answer`,
    ]);
    expect(lines.slice(2)).toEqual([
      expect.stringMatching(
        /^discarded poison {3}message [\w-]+, 2026-11-17T13:00:00\.000Z: the message has no service$/,
      ),
      'good: 2 letters of discarded: 1 written, 1 discarded',
    ]);
    const empty = await replay('--discard', '--yes', '--json');
    expect([empty.code, JSON.parse(empty.stdout).letters]).toEqual([0, []]);
    await bury(poison);
    const document = JSON.parse((await replay('--discard', '--yes', '--json')).stdout);
    expect(document.letters).toMatchObject([{ kind: 'poison', outcome: 'discarded', at }]);
  });

  it('asks on a terminal, and keeps what is there where the answer is another', async () => {
    const { bury, typing } = await setUp('asked');
    await bury(poison);
    const no = await typing('yes', '--discard');
    expect([no.code, no.shown]).toEqual([1, expect.stringMatching(/kept .*\n.*Type discard to delete this letter/s)]);
    expect(no.shown).toContain('bad: 1 letter of asked: 1 for a person to look at');
    const yes = await typing('discard', '--discard');
    expect([yes.code, yes.shown]).toEqual([0, expect.stringContaining('good: 1 letter of asked: 1 discarded')]);
  });

  it.each([
    [['--discard'], /^plimsoll: nobody is here to be asked, and nothing was done: --discard needs --yes/],
    [
      ['--discard', '--json'],
      /^plimsoll: --json prints one document and asks nothing: --discard needs --yes with it\n$/,
    ],
    [['--discard', '--yes', '--dry-run'], /--discard.* cannot be used with .*--dry-run/],
  ])('is exit 2 for %j, before anything is done', async (flags, sentence) => {
    const { bury, replay, store } = await setUp(`refused${flags.length}${flags.at(-1)?.slice(2).replaceAll('-', '')}`);
    await bury(await letterOf('a', 'the table did not answer'));
    const { code, stdout, stderr } = await replay(...flags);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(sentence)]);
    expect(await store.list({ probe: 'a' })).toEqual([]);
  });

  it('is exit 2 in one sentence without a stack', async () => {
    const { replay } = await setUp('here');
    const { code, stdout, stderr } = await replay('--stack', 'nowhere');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^plimsoll: no stack nowhere in us-east-1: there is [\w, ]*here[\w, ]*: name it with --stack/,
    );
  });
});

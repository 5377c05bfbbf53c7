import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ResourceGroupsTaggingAPIClient, TagResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputNames, tagNames } from '../../lib/names.ts';
import { openDesk, typeTo } from '../support/cli.ts';
import { type Emulator, startEmulator, whyNoEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { makeSmallStack } from '../support/small-stack.ts';

const skipped = (await whyNoEmulator()) !== undefined;
let emulator: Emulator;

beforeAll(async () => {
  if (!skipped) emulator = await startEmulator();
});
afterAll(() => emulator?.stop());

const probes = [{ id: 'a', kind: 'http', steps: [{ request: { url: 'http://127.0.0.1:9/' } }] }];

/** A command line over a config; each test has a service, and so a stack, of its own. */
const setUp = (service: string, config: object = {}) => {
  const desk = openDesk();
  desk.write('plimsoll.json', { service, probes, ...config });
  const destroy = (...args: readonly string[]) =>
    desk.run(['destroy', '-c', 'plimsoll.json', ...args], { ...emulator.env });
  return { desk, destroy, name: `plimsoll-${service}` };
};

/** A queue that carries a stack's tag and is in no stack; answers its ARN. */
const plantOrphan = async (queue: string, stack: string): Promise<string> => {
  await new SQSClient(emulator.clientConfig).send(new CreateQueueCommand({ QueueName: queue }));
  const arn = `arn:aws:sqs:${emulator.region}:${emulator.accountId}:${queue}`;
  await tag(arn, stack);
  return arn;
};

const tag = async (arn: string, stack: string): Promise<void> => {
  const client = new ResourceGroupsTaggingAPIClient(emulator.clientConfig);
  await client.send(new TagResourcesCommand({ ResourceARNList: [arn], Tags: { [tagNames.stack]: stack } }));
};

const tableStatus = async (TableName: string): Promise<string | undefined> =>
  new DynamoDBClient(emulator.clientConfig).send(new DescribeTableCommand({ TableName })).then(
    ({ Table }) => Table?.TableStatus,
    () => undefined,
  );

describeWithEmulator('plimsoll destroy', () => {
  it('shows what goes, removes it, and says that nothing is left', async () => {
    const { destroy, name } = setUp('gone');
    const stack = await makeSmallStack(emulator, name, { service: 'gone' });
    const table = stack.outputs[outputNames.table] ?? '';
    expect(await tableStatus(table)).toBe('ACTIVE');
    const { code, stdout, stderr } = await destroy('--yes');
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^(removed \d of 5 resources\n)*removed 5 of 5 resources\n$/),
    ]);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toBe(`${name} in us-east-1: 5 resources`);
    expect(lines.slice(0, 5)).toEqual(
      ['DynamoDB::Table', 'IAM::Role', 'Lambda::Function', 'S3::Bucket', 'SQS::Queue'].map(
        (type) => `  1  AWS::${type}`,
      ),
    );
    // The small stack's function logs into a group that Lambda makes by itself: a template of ours has none such.
    expect(lines.slice(5, 7)).toEqual([
      `maybe    log group /aws/lambda/${stack.outputs[outputNames.dispatchFunction]}`,
      `         aws logs delete-log-group --log-group-name /aws/lambda/${stack.outputs[outputNames.dispatchFunction]}`,
    ]);
    expect(lines.slice(7)).toEqual([
      expect.stringMatching(/^good: nothing is left of plimsoll-gone in us-east-1 \(deleted .* UTC\); look for/),
    ]);
    expect(await tableStatus(table)).toBeUndefined();
    // Once more is no mistake.
    expect([(await destroy('--yes')).code, (await destroy('--verify')).code]).toEqual([0, 0]);
  });

  it('is exit 1 with every orphan, its ARN and its remedy, and names what the config asked to keep', async () => {
    const { destroy, name } = setUp('left', { cloud: { keep: ['table'] } });
    await makeSmallStack(emulator, name, { service: 'left', retain: ['Table'] });
    const orphan = await plantOrphan('left-over', name);
    await plantOrphan('of-another', 'plimsoll-another');
    // The emulator removes what a template retains; what stays is another table with the tag.
    const other = await makeSmallStack(emulator, 'beside', { service: 'beside' });
    const kept = `arn:aws:dynamodb:us-east-1:${emulator.accountId}:table/${other.outputs[outputNames.table]}`;
    await tag(kept, name);
    const removed = await destroy('--yes');
    expect(removed.stdout).toMatch(/^ {2}stays: AWS::DynamoDB::Table plimsoll-left-Table-\w+$/m);
    const verified = await destroy('--verify');
    for (const { code, stdout } of [removed, verified]) {
      expect(code).toBe(1);
      expect(stdout).toContain(`kept     ${kept} (as cloud.keep asks)\n`);
      expect(stdout).toContain(`left     ${orphan}\n         aws sqs delete-queue --queue-url`);
      expect(stdout).not.toContain('of-another');
      expect(stdout).toMatch(
        /^bad: 1 resource is left of plimsoll-left in us-east-1 .*, and nobody asked to keep it$/m,
      );
    }
    expect([verified.stderr, verified.stdout.split('\n').filter((line) => line.startsWith('left'))]).toEqual([
      '',
      [`left     ${orphan}`],
    ]);
  });

  it('says of a stack that stands that it stands, and tells its own resources from what one before it left', async () => {
    const { destroy, name } = setUp('stands');
    const { outputs } = await makeSmallStack(emulator, name, { service: 'stands' });
    await tag(`arn:aws:dynamodb:us-east-1:${emulator.accountId}:table/${outputs[outputNames.table]}`, name);
    await tag(`arn:aws:lambda:us-east-1:${emulator.accountId}:function:${outputs[outputNames.dispatchFunction]}`, name);
    const orphan = await plantOrphan('left-before', name);
    const { code, stdout } = await destroy('--verify');
    expect([code, stdout.split('\n').filter((line) => line.startsWith('left'))]).toEqual([1, [`left     ${orphan}`]]);
    expect(stdout).toMatch(
      /^bad: the stack plimsoll-stands stands in us-east-1 \(CREATE_COMPLETE\), with 5 resources: plimsoll/m,
    );
  });

  describe('removes nothing', () => {
    const refused = async (service: string, args: readonly string[], config: object, stack: object) => {
      const { destroy, name } = setUp(service, config);
      const { outputs } = await makeSmallStack(emulator, name, { service, ...stack });
      const { code, stderr } = await destroy(...args);
      expect(code).toBe(2);
      expect(await tableStatus(outputs[outputNames.table] ?? '')).toBe('ACTIVE');
      return stderr;
    };

    it.each<[why: string, service: string, args: readonly string[], config: object, stack: object, sentence: RegExp]>([
      [
        'without a yes where nobody can be asked',
        'ask',
        [],
        {},
        {},
        /^plimsoll: nobody is here to be asked, and nothing was removed: --yes removes plimsoll-ask without\n$/,
      ],
      [
        'of a stack that is none of ours',
        'bare',
        ['--yes'],
        {},
        { tags: {} },
        /^plimsoll: the stack plimsoll-bare has no tag plimsoll:service: it is none of Plimsoll's own, and stays\n$/,
      ],
      [
        'of the stack of another service',
        'mine',
        ['--yes'],
        {},
        { service: 'theirs' },
        /^plimsoll: the stack plimsoll-mine is of the service theirs, and the config of mine: it stays\n$/,
      ],
      [
        'when the config keeps what the stack as deployed would take along',
        'keep',
        ['--yes'],
        { cloud: { keep: ['bucket'] } },
        {},
        /^plimsoll: cloud\.keep has the bucket, and the stack plimsoll-keep as deployed would remove it: npx cdk deploy first/,
      ],
    ])('%s', async (_, service, args, config, stack, sentence) => {
      expect(await refused(service, args, config, stack)).toMatch(sentence);
    });

    it('when the name that is typed on the terminal is another', async () => {
      const { desk, name } = setUp('typed');
      const { outputs } = await makeSmallStack(emulator, name, { service: 'typed' });
      const typing = (line: string) =>
        typeTo(desk, ['destroy', '-c', 'plimsoll.json'], { asked: 'Type the name', line, env: emulator.env });
      const wrong = await typing('yes');
      expect(wrong.code).toBe(2);
      expect(wrong.shown).toMatch(/plimsoll: that is not plimsoll-typed: nothing was removed/);
      expect(await tableStatus(outputs[outputNames.table] ?? '')).toBe('ACTIVE');
      const right = await typing(name);
      expect([right.code, right.shown]).toEqual([0, expect.stringContaining('nothing is left of plimsoll-typed')]);
      expect(await tableStatus(outputs[outputNames.table] ?? '')).toBeUndefined();
    });
  });

  it.each(['--verify', '--yes'])('is exit 2 with %s for a name that nothing knows: that is a slip', async (flag) => {
    const { destroy } = setUp('never');
    const { code, stdout, stderr } = await destroy(flag);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^plimsoll: no stack plimsoll-never in us-east-1, and none was deleted there in 90 days; nothing/,
    );
  });
});

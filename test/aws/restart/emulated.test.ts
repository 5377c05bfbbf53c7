import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateFunctionCommand, LambdaClient, TagResourceCommand } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { openRestarting } from '../../support/drill/restarting.ts';
import { describeWithEmulator, sharedEmulator } from '../../support/emulator/suite.ts';

const code = (body: string): Buffer => zipOf('index.js', `exports.handler = async (event) => { ${body} };`);

/** A zip with one stored file (APPNOTE.TXT, 4.3). */
const zipOf = (name: string, text: string): Buffer => {
  const [file, data] = [Buffer.from(name), Buffer.from(text)];
  const crc = crc32(data);
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt32LE(crc, 10);
  head.writeUInt32LE(data.length, 14);
  head.writeUInt32LE(data.length, 18);
  head.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from('504b0304', 'hex'), head, file, data]);
  const attributes = Buffer.alloc(14);
  const central = Buffer.concat([Buffer.from('504b01021400', 'hex'), head, attributes, file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('504b0506', 'hex'), end]);
};

const crc32 = (data: Buffer): number => {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
};

describeWithEmulator('a restart of instances', () => {
  const emulator = sharedEmulator();
  const run = async (tags: Readonly<Record<string, string>>): Promise<string> => {
    const ec2 = new EC2Client(emulator().clientConfig);
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-1',
        InstanceType: 't4g.nano',
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [{ ResourceType: 'instance', Tags }],
      }),
    );
    await ec2.send(new DescribeInstancesCommand({}));
    ec2.destroy();
    return Instances[0]?.InstanceId ?? '';
  };

  it('finds those that bear both tags, and no others; none is a refusal', async () => {
    const ec2 = openRestarting({ kind: 'ec2', tag: 'service=notes' }, emulator().clientConfig);
    const nobody = 'no running instance has the tags service=notes and drill=allowed';
    expect(await ec2.refusals()).toEqual([nobody]);
    await run({ service: 'notes' });
    await run({ service: 'mail', drill: 'allowed' });
    await run({ service: 'notes', drill: 'forbidden' });
    expect(await ec2.refusals()).toEqual([nobody]);
    await expect(ec2.restart()).rejects.toMatchObject({ name: 'Drill.RestartRefused', message: nobody });
    const id = await run({ service: 'notes', drill: 'allowed' });
    expect(await ec2.refusals()).toEqual([]);
    expect(await ec2.restart()).toMatchObject({
      adapter: 'ec2',
      platformIds: [`instance ${id}`],
      details: { instances: 1 },
    });
  });
});

describeWithEmulator('a restart by a function', () => {
  const emulator = sharedEmulator();
  const make = async (name: string, body: string): Promise<(tag: string) => Promise<void>> => {
    const lambda = new LambdaClient(emulator().clientConfig);
    const { FunctionArn } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/hook',
        Code: { ZipFile: code(body) },
      }),
    );
    return async (value) => {
      await lambda.send(new TagResourceCommand({ Resource: FunctionArn ?? '', Tags: { drill: value } }));
    };
  };
  const hookOf = (name: string) =>
    openRestarting({ kind: 'lambda', function: name, payload: { how: 'hard' } }, emulator().clientConfig);

  it('invokes the one that is tagged, and tells what it answered', { timeout: 60_000 }, async () => {
    const tag = await make('hook', 'return { got: event };');
    const refused = 'the function hook has no tag drill=allowed: nobody has allowed drills with it';
    expect(await hookOf('hook').refusals()).toEqual([refused]);
    await tag('no');
    await expect(hookOf('hook').restart()).rejects.toMatchObject({ name: 'Drill.RestartRefused', message: refused });
    await tag('allowed');
    expect(await hookOf('hook').refusals()).toEqual([]);
    const receipt = await hookOf('hook').restart();
    expect(receipt).toMatchObject({ adapter: 'lambda', platformIds: ['function hook'] });
    expect(JSON.parse(String(receipt.details.answer))).toEqual({
      got: { drill: 'drill-0', target: 'notes', run: 'run-1', payload: { how: 'hard' } },
    });
  });

  it('is refused when it fails, and when there is none', { timeout: 60_000 }, async () => {
    const tag = await make('broken', "throw new Error('no such server');");
    await tag('allowed');
    await expect(hookOf('broken').restart()).rejects.toMatchObject({
      name: 'Drill.RestartRefused',
      message: expect.stringContaining('no such server'),
    });
    expect(await hookOf('absent').refusals()).toEqual([
      expect.stringMatching(/what is to be restarted by lambda: .*absent/i),
    ]);
  });
});

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { type Emulator, isReady, startEmulator } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { ensureVenv, here } from '../support/emulator/venv.ts';

const groupLives = (pid: number): boolean => {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
};

const started = async (): Promise<Emulator> => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop().catch(() => {}));
  return emulator;
};

describeWithEmulator('the emulated AWS of the tests', () => {
  it('answers the SDK clients of S3, SQS and DynamoDB, on loopback', async () => {
    const { clientConfig, endpoint } = await started();
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    const s3 = new S3Client(clientConfig);
    await s3.send(new CreateBucketCommand({ Bucket: 'samples' }));
    await s3.send(new PutObjectCommand({ Bucket: 'samples', Key: 'a/b', Body: 'hello' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'samples', Key: 'a/b' }));
    expect(await Body?.transformToString()).toBe('hello');

    const sqs = new SQSClient(clientConfig);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'work' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'run' }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body).toBe('run');

    const dynamo = new DynamoDBClient(clientConfig);
    const key = 'pk';
    await dynamo.send(
      new CreateTableCommand({
        TableName: 'store',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
      }),
    );
    const put = { TableName: 'store', Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' };
    await dynamo.send(new PutItemCommand(put));
    await expect(dynamo.send(new PutItemCommand(put))).rejects.toThrow(/conditional request failed/);
    const { Item } = await dynamo.send(new GetItemCommand({ TableName: 'store', Key: { pk: { S: 'a' } } }));
    expect(Item).toEqual(put.Item);
  });

  it('runs beside another one that knows nothing of it', async () => {
    const [one, two] = await Promise.all([started(), started()]);
    await new SQSClient(one.clientConfig).send(new CreateQueueCommand({ QueueName: 'mine' }));
    expect((await new SQSClient(two.clientConfig).send(new ListQueuesCommand())).QueueUrls ?? []).toEqual([]);
  });

  it('leaves neither a process nor a folder behind', async () => {
    const emulator = await started();
    expect(emulator.logs()).toContain('Ready');
    await emulator.stop();
    expect(groupLives(emulator.pid)).toBe(false);
    expect(await isReady(emulator.endpoint)).toBe(false);
    expect(existsSync(emulator.folder)).toBe(false);
  });

  it('says so, and keeps its log, when it had ended by itself', async () => {
    const emulator = await started();
    process.kill(emulator.pid, 'SIGKILL');
    while (groupLives(emulator.pid)) await sleep(20);
    await expect(emulator.stop()).rejects.toThrow(/had ended by itself \(SIGKILL\)/);
    expect(await readFile(join(emulator.folder, 'emulator.log'), 'utf8')).toContain('Ready');
    await rm(emulator.folder, { recursive: true });
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const script = [
      `import { startEmulator } from ${JSON.stringify(join(here, 'emulator.ts'))};`,
      'const { pid, folder } = await startEmulator();',
      'console.log(JSON.stringify({ pid, folder }));',
    ].join('\n');
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { pid, folder } = JSON.parse(line);
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(groupLives(pid)).toBe(true);
    child.kill('SIGKILL');
    while (groupLives(pid)) await sleep(20);
  });

  it('refuses to mend another version of MiniStack', async () => {
    const venv = await ensureVenv('emulator');
    const script = [
      'import importlib.metadata, runpy',
      "importlib.metadata.version = lambda name: '1.4.20'",
      `runpy.run_path(${JSON.stringify(join(here, 'launcher.py'))})`,
    ].join('\n');
    const { promise, resolve } = Promise.withResolvers<string>();
    execFile(venv.ok ? venv.python : '', ['-c', script], (error, _, stderr) => resolve(`${error?.code} ${stderr}`));
    expect(await promise).toMatch(/^1 launcher.py mends ministack 1\.4\.21, and this is 1\.4\.20/);
  });
});

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect, it } from 'vitest';
import { bootstrap, type CdkOptions, deploy, destroy, runCdk } from '../support/emulator/cdk.ts';
import { nodeFolder } from '../support/emulator/environment.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';

const toy = `${join(nodeFolder, 'node')} ${fileURLToPath(new URL('../support/emulator/toy-app.ts', import.meta.url))}`;

describeWithEmulator('cdk against the emulator', { timeout: 300_000 }, () => {
  const emulator = sharedEmulator();
  let options: CdkOptions & { readonly context: { readonly code: string } };

  const writeHandler = (answer: string): Promise<void> =>
    writeFile(
      join(options.context.code, 'index.js'),
      `exports.handler = async () => ({ answer: ${JSON.stringify(answer)} });\n`,
    );

  beforeAll(async () => {
    const code = join(emulator().folder, 'code');
    options = { app: toy, context: { code } };
    await mkdir(code);
    await bootstrap(emulator());
  }, 300_000);

  const invoke = async (FunctionName: string | undefined): Promise<unknown> => {
    const { Payload } = await new LambdaClient(emulator().clientConfig).send(new InvokeCommand({ FunctionName }));
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };

  it('deploys, updates and destroys an app with assets', async () => {
    const sqs = new SQSClient(emulator().clientConfig);
    await writeHandler('first');
    const { Toy } = await deploy(emulator(), options);
    expect(await invoke(Toy?.Function)).toEqual({ answer: 'first' });
    await sqs.send(new SendMessageCommand({ QueueUrl: Toy?.QueueUrl, MessageBody: 'kept' }));

    await writeHandler('second');
    expect(await deploy(emulator(), options)).toEqual({ Toy });
    expect(await invoke(Toy?.Function)).toEqual({ answer: 'second' });
    const ask = { QueueUrl: Toy?.QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
    expect((await sqs.send(new GetQueueAttributesCommand(ask))).Attributes).toEqual({
      ApproximateNumberOfMessages: '1',
    });

    const s3 = new S3Client(emulator().clientConfig);
    await s3.send(new PutObjectCommand({ Bucket: Toy?.Bucket, Key: 'runs/a', Body: 'a' }));
    await destroy(emulator(), options);
    await expect(s3.send(new HeadBucketCommand({ Bucket: Toy?.Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
    await expect(sqs.send(new GetQueueAttributesCommand(ask))).rejects.toThrow(/does not exist/);
  });

  it('shows the end of what cdk printed when it fails', async () => {
    const failing = { app: `${join(nodeFolder, 'node')} -e "throw new Error('no such app today')"` };
    await expect(deploy(emulator(), failing)).rejects.toThrow(/cdk deploy ended with 1[\s\S]*no such app today/);
  });

  it('does not run cdk with an environment that could reach a real account', async () => {
    const other = { ...emulator(), env: { ...emulator().env, AWS_ENDPOINT_URL: 'https://aws.example' } };
    await expect(runCdk(other, ['list'])).rejects.toThrow('"https://aws.example" is not on loopback');
    await expect(runCdk(emulator(), ['list'], { env: { AWS_PROFILE: 'work' } })).rejects.toThrow(
      'AWS_PROFILE may lead to a real',
    );
  });
});

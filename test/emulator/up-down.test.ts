import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import { isReady } from '../support/emulator/emulator.ts';
import { describeWithEmulator } from '../support/emulator/suite.ts';
import { here } from '../support/emulator/venv.ts';

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Without what the person at this machine has set for Plimsoll: `aws:up` hands that on to the app. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PLIMSOLL_')));

const run = (script: 'up' | 'down', state: string): Promise<Ended> =>
  new Promise((resolve) =>
    execFile(process.execPath, [join(here, `${script}.ts`), '--state', state], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );

const stateOfTest = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-up-'));
  const state = join(folder, 'running.json');
  onTestFinished(async () => {
    await run('down', state);
    await rm(folder, { recursive: true });
  });
  return state;
};

describeWithEmulator('aws:up and aws:down', () => {
  it('leave an emulated AWS up, find it again, and end it', { timeout: 600_000 }, async () => {
    const state = await stateOfTest();
    const first = await run('up', state);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toContain('bootstrapping');
    const { endpoint, region, credentials, accountId, stacks } = JSON.parse(first.stdout);
    const s3 = new S3Client({ endpoint, region, credentials });
    await s3.send(new HeadBucketCommand({ Bucket: `cdk-hnb659fds-assets-${accountId}-${region}` }));
    const { TableName } = stacks['plimsoll-notes'];
    const { Table } = await new DynamoDBClient({ endpoint, region, credentials }).send(
      new DescribeTableCommand({ TableName }),
    );
    expect(Table?.TableStatus).toBe('ACTIVE');

    const second = await run('up', state);
    expect(second.code, second.stderr).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).not.toContain('bootstrapping');

    expect((await run('down', state)).stdout).toBe(`the emulated AWS of ${endpoint} is down\n`);
    expect(await isReady(endpoint)).toBe(false);
    expect((await run('down', state)).stdout).toBe('no emulated AWS is up\n');
  });

  it('never end a process that merely has the recorded pid', async () => {
    const state = await stateOfTest();
    const folder = join(tmpdir(), 'plimsoll-emulator-of-yesterday');
    const stale = { endpoint: 'http://127.0.0.1:9', pid: process.pid, folder, bootstrapped: true };
    await writeFile(state, JSON.stringify(stale));
    expect((await run('down', state)).stdout).toContain('had ended already; its traces are removed');
    expect(existsSync(state)).toBe(false);
  });
});

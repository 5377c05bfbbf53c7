import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import { openClients } from '../../lib/aws/clients.ts';
import { secretReaders } from '../../lib/aws/secrets.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { bodyOf, json, startHttpTarget, type Target } from '../support/http-target.ts';

const minutesMs = 60_000;

const drivenClock = () => {
  let ms = 0;
  const pass = (byMs: number) => {
    ms += byMs;
  };
  // A Lambda is frozen between its calls, and its monotonic clock with it.
  return { now: () => ms, monotonic: () => 0, pass };
};

describeWithEmulator('secrets in AWS', () => {
  const emulator = sharedEmulator();

  const open = (clock = drivenClock()) => secretReaders({ ...openClients(emulator().clientConfig), clock });

  const put = async (name: string, value: string) => {
    const ssm = new SSMClient(emulator().clientConfig);
    await ssm.send(new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite: true }));
    ssm.destroy();
  };

  it('are read decrypted, by reference', async () => {
    await put('/notes/token', 's3cret');
    const manager = new SecretsManagerClient(emulator().clientConfig);
    await manager.send(new CreateSecretCommand({ Name: 'notes/key', SecretString: 'k3y' }));
    manager.destroy();
    const secrets = open();
    expect(await secrets.ssm('/notes/token')).toBe('s3cret');
    expect(await secrets.secretsmanager('notes/key')).toBe('k3y');
  });

  it('that are not there are not set', async () => {
    const secrets = open();
    expect(await secrets.ssm('/notes/nothing')).toBeUndefined();
    expect(await secrets.secretsmanager('notes/nothing')).toBeUndefined();
  });

  it('that are put after all are seen after some seconds', async () => {
    const clock = drivenClock();
    const secrets = open(clock);
    expect(await secrets.ssm('/notes/late')).toBeUndefined();
    await put('/notes/late', 'here');
    expect(await secrets.ssm('/notes/late')).toBeUndefined();
    clock.pass(10_000);
    expect(await secrets.ssm('/notes/late')).toBe('here');
  });

  it('are good for five minutes', async () => {
    const clock = drivenClock();
    const secrets = open(clock);
    await put('/notes/rotated', 'old');
    expect(await secrets.ssm('/notes/rotated')).toBe('old');
    await put('/notes/rotated', 'new');
    clock.pass(4 * minutesMs);
    expect(await secrets.ssm('/notes/rotated')).toBe('old');
    clock.pass(2 * minutesMs);
    expect(await secrets.ssm('/notes/rotated')).toBe('new');
  });
});

describe('reading secrets', () => {
  let aws: Target | undefined;
  afterEach(() => aws?.close());

  type Answer = { readonly status: number; readonly body: object };
  type Request = { readonly Names: readonly string[] };

  const open = async (answer: (request: Request) => Answer) => {
    const calls: Request[] = [];
    aws = await startHttpTarget(async (request, response) => {
      const asked = JSON.parse(await bodyOf(request)) as Request;
      calls.push(asked);
      const { status, body } = answer(asked);
      json(response, status, body, { 'content-type': 'application/x-amz-json-1.1' });
    });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const clients = openClients({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 });
    return { secrets: secretReaders({ ...clients, clock: drivenClock() }), calls };
  };

  const found = ({ Names }: Request): Answer => ({
    status: 200,
    body: { Parameters: Names.map((Name) => ({ Name, Value: `value of ${Name}` })), InvalidParameters: [] },
  });

  it('asks for ten parameters in a call, ahead of those who want them', async () => {
    const { secrets, calls } = await open(found);
    const variables = Object.fromEntries(
      Array.from({ length: 23 }, (_, n) => [`v${n}`, { from: ['env:A', `ssm:/p/${n}`] as const }]),
    );
    await secrets.warm(variables);
    expect(await secrets.ssm('/p/22')).toBe('value of /p/22');
    expect(calls.map(({ Names }) => Names.length)).toEqual([10, 10, 3]);
    await secrets.warm(variables);
    expect(calls).toHaveLength(3);
  });

  it('asks for each alone where AWS refuses all for the sake of one, and says which error it was and nothing more', async () => {
    const denied: Answer = { status: 400, body: { __type: 'AccessDeniedException', message: 'not to s3cret you' } };
    const { secrets } = await open((request) => (request.Names.includes('/denied') ? denied : found(request)));
    await secrets.warm({ a: { from: ['ssm:/denied'] }, b: { from: ['ssm:/allowed'] } });
    await expect(secrets.ssm('/denied')).rejects.toThrow(/^AWS answered AccessDeniedException$/);
    expect(await secrets.ssm('/allowed')).toBe('value of /allowed');
  });

  it('asks again after a failure', async () => {
    let down = true;
    const { secrets } = await open((request) => (down ? { status: 500, body: {} } : found(request)));
    await expect(secrets.ssm('/p')).rejects.toThrow('AWS answered');
    down = false;
    expect(await secrets.ssm('/p')).toBe('value of /p');
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildFunctions } from '../../build/functions.ts';
import { cloudPlan, deliveryOf, makeCloudGround, messageOf } from '../support/cloud-ground.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { shared } from '../support/fresh.ts';
import { json, startHttpTarget } from '../support/http-target.ts';
import { serveWebsocket } from '../support/websocket-target.ts';

describeWithEmulator('the probe function as it is built, in a process that knows no node_modules', () => {
  const emulator = sharedEmulator();
  const ground = shared(() => makeCloudGround(emulator()));
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-built-'));
    await buildFunctions(folder);
    const script = `
      const { readFileSync } = require('node:fs');
      const event = JSON.parse(readFileSync(process.argv[2], 'utf8'));
      const life = { getRemainingTimeInMillis: () => 600000 };
      require('./probe/index.js').handler(event, life).then(() => process.exit(0), (error) => {
        process.stderr.write(String(error.stack));
        process.exit(1);
      });`;
    await writeFile(join(folder, 'run.cjs'), script);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs the probe, and reads what it stored. */
  const run = async (probe: object, variables: object = {}) => {
    const message = messageOf(cloudPlan({ variables, probes: [{ id: crypto.randomUUID(), ...probe }] }));
    await writeFile(join(folder, 'event.json'), JSON.stringify(deliveryOf(message)));
    const env = { ...emulator().env, ...ground().env, AWS_ENDPOINT_URL: emulator().endpoint };
    await promisify(execFile)(process.execPath, ['run.cjs', 'event.json'], { cwd: folder, env });
    const store = ground().place.open();
    const [latest] = await store.list({ probe: message.items[0]?.probe.id ?? '' });
    return store.get(latest?.runId ?? '');
  };

  it('measures an http probe, loads the engines that its checks need, and stores what it saw', async () => {
    const target = await startHttpTarget((_, response) => json(response, 200, { id: 'note-1' }));
    const schema = { type: 'object', required: ['id'] };
    const expected = { status: 200, json: { '$.id': { matches: '^note-\\d+$' }, $: { schema } } };
    const stored = await run({ kind: 'http', samples: 2, steps: [{ request: { url: target.url }, expect: expected }] });
    await target.close();
    expect(stored?.run).toMatchObject({
      verdict: 'pass',
      samples: 2,
      checks: [{ passed: 2 }, { passed: 2 }, { passed: 2 }],
    });
    expect(stored?.passes).toHaveLength(2);
  });

  it('measures a websocket probe, and loads its codec', async () => {
    const target = await serveWebsocket((socket) => socket.on('message', (data) => socket.send(String(data))));
    const steps = [
      { connect: { as: 'a', url: target.url } },
      { send: { as: 'a', json: { type: 'hello' } } },
      { expect: { as: 'a', inOrder: [{ type: 'hello' }], within: '5s' } },
    ];
    const stored = await run({ kind: 'websocket', codec: 'json', steps });
    await target.close();
    expect(stored?.run.steps.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  });

  it('reads its secrets, and tells a parameter that is not there from one that is', async () => {
    const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
    const put = { Name: '/built/token', Value: 's3cret-t0ken', Type: 'SecureString' } as const;
    await (await ground().clients.ssm()).send(new PutParameterCommand(put));
    const target = await startHttpTarget((_, response) => json(response, 200, {}));
    const steps = [{ request: { url: target.url, headers: { authorization: '{{token}}' } } }];
    const variables = (path: string) => ({ token: { from: [`ssm:${path}`], secret: true, required: true } });
    const found = await run({ kind: 'http', samples: 1, steps }, variables('/built/token'));
    expect(found?.run.verdict).toBe('pass');
    expect(target.requests.at(-1)?.headers.authorization).toBe('s3cret-t0ken');
    const missing = await run({ kind: 'http', samples: 1, steps }, variables('/built/nothing'));
    expect(missing?.run).toMatchObject({ verdict: 'inconclusive', attribution: { at: 'prober' } });
    await target.close();
  });
});

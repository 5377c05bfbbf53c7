import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createAgents } from '../../lib/probe/connection.ts';
import { createGuard } from '../../lib/probe/guard.ts';
import { json, startHttpTarget, startTcpTarget, type Target } from '../support/http-target.ts';
import { measure, probeOf } from '../support/probing.ts';

const targets: Target[] = [];

const target = async (starting: Promise<Target>): Promise<Target> => {
  const started = await starting;
  targets.push(started);
  return started;
};

afterEach(() => Promise.all(targets.splice(0).map((one) => one.close())));

const steps = (...urls: readonly string[]) =>
  urls.map((url, index) => ({ name: `step ${index}`, request: { url }, expect: { status: 200 } }));

describe('the connections of a run', () => {
  it('are warm for every origin: no sample of a keep-alive series opens one', async () => {
    const answer = () => startHttpTarget((_, response) => json(response, 200, {}));
    const [first, second] = [await target(answer()), await target(answer())];
    const probe = probeOf({ kind: 'http', samples: 3, steps: steps(first.url, second.url, first.url) });
    const result = await measure(probe);
    expect(result.connections.map((connection) => connection.origin)).toEqual([first.url, second.url]);
    const reused = result.passes.flatMap((pass) => pass.steps.map((step) => step.reusedConnection));
    expect(reused).toEqual(Array.from({ length: 9 }, () => true));
  });

  it('are closed with it, also those that no request took: a process must not wait for them', async () => {
    const silent = await target(startTcpTarget(() => {}));
    const agents = createAgents(createGuard({ allow: [], loopback: true }));
    const socket = connect(silent.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    agents.seed(new URL(silent.url), { verify: true }, 1_000, socket);
    agents.close();
    expect(socket.destroyed).toBe(true);
  });
});

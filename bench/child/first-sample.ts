// Runs the bundled probe function on a plain http probe, and answers which of its files were evaluated when the first
// request reached the target. It is ended then, before it stores anything.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { basename, dirname } from 'node:path';
import { parseConfig } from '../../lib/config/parse.ts';
import type { WorkMessage } from '../../lib/dispatch/message.ts';
import { deployedService } from '../../lib/dispatch/service.ts';
import { environmentNames } from '../../lib/names.ts';

const [index = ''] = process.argv.slice(2);
const require = createRequire(index);

const messageFor = (url: string): WorkMessage => {
  const steps = [{ name: 'get', request: { url }, expect: { status: 200 } }];
  const parsed = parseConfig({
    service: 'bench',
    network: { allow: ['127.0.0.0/8'] },
    probes: [{ id: 'plain', kind: 'http', samples: 5, steps }],
  });
  if (!parsed.ok) throw new Error('the config of this bench is bad');
  const { plan } = parsed;
  const slot = new Date().toISOString();
  const service = deployedService({ schema: 1, environment: 'dev', plan, values: {} });
  return {
    schema: 1,
    service,
    items: plan.probes.map((probe) => ({ probe, slot, trigger: 'schedule', dueAt: slot })),
  };
};

const evaluated = (): readonly string[] =>
  Object.keys(require.cache)
    .filter((path) => dirname(path) === dirname(index))
    .map((path) => basename(path));

const server = createServer((_, response) => {
  process.send?.({ files: evaluated() });
  response.end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
for (const name of Object.values(environmentNames))
  process.env[name] = name === environmentNames.environment ? 'dev' : 'none';
process.env.AWS_REGION = 'us-east-1';
const { handler } = require(index) as { handler: (event: unknown, context: unknown) => Promise<unknown> };
const body = JSON.stringify(messageFor(`http://127.0.0.1:${port}/`));
const record = { messageId: '1', body, attributes: { ApproximateReceiveCount: '1' } };
await handler({ Records: [record] }, { getRemainingTimeInMillis: () => 600_000 }).catch(() => undefined);

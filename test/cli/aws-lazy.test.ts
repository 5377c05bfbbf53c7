import { describe, expect, it, onTestFinished } from 'vitest';
import { documentOf, openDesk } from '../support/cli.ts';
import { json, startHttpTarget } from '../support/http-target.ts';

/** Tells on stderr what of the cloud a process loads. */
const hook = `
import { registerHooks } from 'node:module';
registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    if (/@aws-sdk|@smithy|lib\\/aws\\//.test(found.url)) process.stderr.write('loads ' + found.url + '\\n');
    return found;
  },
});`;

const setUp = async () => {
  const target = await startHttpTarget((_, response) => json(response, 200, {}));
  onTestFinished(() => target.close());
  const desk = openDesk();
  const probes = [{ id: 'a', kind: 'http', samples: 1, steps: [{ request: { url: target.url } }] }];
  desk.write('plimsoll.json', { service: 'shop', probes });
  desk.write('hook.mjs', hook);
  // An empty region ends every reach for AWS before a socket is opened.
  const env = { NODE_OPTIONS: `--import=${desk.path('hook.mjs')}`, AWS_REGION: '!', AWS_EC2_METADATA_DISABLED: 'true' };
  return (...args: readonly string[]) => desk.run([...args, '-c', 'plimsoll.json'], env);
};

describe('the SDK of AWS', () => {
  it('is not loaded by what runs here', async () => {
    const run = await setUp();
    const ran = await run('run', '--json');
    expect([ran.code, documentOf(ran).verdict]).toEqual([0, 'pass']);
    for (const { stderr } of [ran, await run('report', '--json'), await run('check')]) {
      expect(stderr).not.toContain('loads ');
    }
  });

  it.each([[['run', '--aws']], [['report', '--aws']], [['replay']], [['destroy', '--verify']]])(
    'is loaded by plimsoll %j, which this test would see',
    async (args) => {
      const run = await setUp();
      const { code, stderr } = await run(...args);
      expect(stderr).toMatch(/^loads \S+client-cloudformation/m);
      expect(stderr).toMatch(/^plimsoll: no such AWS region: !: set AWS_REGION to one such as eu-central-1$/m);
      expect(code).toBe(2);
    },
  );
});

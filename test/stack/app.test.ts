import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finished, root, start } from '../support/cli.ts';
import { configOf, makeFolder, writeFunctions } from '../support/stacking.ts';

const app = join(root, 'bin', 'app.ts');

type Run = Finished & { readonly out: string };

/** The app as the CDK CLI runs it: what it synthesises lies in `out`. */
const runApp = async (
  config: object | undefined,
  context: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Run> => {
  const folder = makeFolder('app');
  const file = join(folder, 'own.json');
  if (config) writeFileSync(file, JSON.stringify(config));
  const out = join(folder, 'out');
  // Those of the package come and go with whoever packs it.
  const functions = writeFunctions(join(folder, 'functions'));
  const finished = await start(process.execPath, [app], {
    cwd: folder,
    env: { CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ config: file, functions, ...context }), ...env },
  }).finished;
  return { ...finished, out };
};

const templateIn = ({ out }: Run, name: string): string => readFileSync(join(out, `${name}.template.json`), 'utf8');

const refused = (run: Run, says: string | RegExp): void => {
  expect(run.stderr).toMatch(says);
  expect(run.stderr).not.toMatch(/\n {4}at /);
  expect([run.code, run.stdout]).toEqual([2, '']);
  expect(existsSync(join(run.out, 'manifest.json'))).toBe(false);
};

const secret = { token: { from: ['env:TOKEN'], secret: true, required: true } };

describe('the CDK app', () => {
  it('synthesises a stack with the name of the service, or with another one', async () => {
    const usual = await runApp(configOf(1));
    expect([usual.stderr, usual.code]).toEqual(['', 0]);
    expect(templateIn(usual, 'plimsoll-notes')).toContain('AWS::CloudWatch::CompositeAlarm');
    const local = await runApp(configOf(1), { name: 'rehearsal', profile: 'local', runbook: 'https://wiki.example/r' });
    expect(templateIn(local, 'rehearsal')).not.toContain('AWS::CloudWatch::CompositeAlarm');
    expect(templateIn(local, 'rehearsal')).toContain('Runbook: https://wiki.example/r#breached-page');
  });

  it('takes values of variables as the command line does, and the config from the environment', async () => {
    const folder = makeFolder('config');
    const file = join(folder, 'other.json');
    const variables = { host: { from: ['flag'], required: true } };
    writeFileSync(file, JSON.stringify({ ...configOf(1, undefined, { variables }), service: 'shop' }));
    const run = await runApp(undefined, { config: '', 'set.host': 'shop.example' }, { PLIMSOLL_CONFIG: file });
    expect([run.stderr, run.code]).toEqual(['', 0]);
    expect(templateIn(run, 'plimsoll-shop')).toContain('ProbeVerdictChanged');
  });

  it('refuses a config that is none, with every problem and nothing synthesised', async () => {
    refused(await runApp({ service: 'notes', probez: [] }), /probez/);
    refused(await runApp(undefined), /own\.json does not exist/);
  });

  it('refuses a secret without a deployed source, what is not encrypted, and a budget that is exceeded, all at once', async () => {
    const config = configOf(1, undefined, { variables: secret, budget: { monthly: 0.5 } });
    const steps = [{ name: 'get', request: { url: 'http://notes.example/', headers: { authorization: '{{token}}' } } }];
    const plain = { ...config, probes: config.probes.map((probe) => ({ ...probe, steps })) };
    const run = await runApp(plain, {}, { PLIMSOLL_ENVIRONMENT: 'prod' });
    refused(run, /variable `token` is a secret/);
    refused(run, /http:\/\/ is not encrypted/);
    refused(run, /over the budget of \$0\.50/);
  });

  it('refuses an unknown profile, environment and name', async () => {
    refused(await runApp(configOf(1), { profile: 'azure' }), /no profile azure/);
    refused(await runApp(configOf(1), { name: '7 dwarfs' }), /7 dwarfs is no name of a stack/);
    refused(
      await runApp(configOf(1), {}, { PLIMSOLL_ENVIRONMENT: 'production' }),
      /PLIMSOLL_ENVIRONMENT is "production"/,
    );
  });

  it('synthesises the config that this project ships, with cdk-nag on', async () => {
    const run = await runApp(undefined, { config: join(root, 'plimsoll.config.ts'), nag: 'true' });
    expect([run.stderr, run.code]).toEqual(['', 0]);
  });
});

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { cloudDrillConfig, hook } from '../support/drill/cloud-config.ts';
import { cfnLint } from '../support/emulator/cfn-lint.ts';
import { whyNot } from '../support/emulator/venv.ts';
import { configOf, type Options, type Synthesised, synthesise } from '../support/stacking.ts';

const variables = {
  token: { from: ['ssm:/notes/token'], secret: true },
  key: { from: ['secretsmanager:notes/key'], secret: true },
};
const notify = { page: [{ email: { to: 'on-call@notes.example' } }] };
const maintenance = [{ reason: 'backups', cron: '0 2 * * 2', for: '1h' }];

const plain = configOf(2, (index) => ({ every: `${index + 1}m` }), { variables, maintenance });
const whole = { ...plain, cloud: { customerKey: true, keep: ['table', 'bucket'], permissionsBoundary: 'team' } };

const tagged = { tag: 'service=notes' };
/** Drills of every kind that a stack can carry out. */
const drilled = {
  ...cloudDrillConfig([
    { ...hook },
    { kind: 'ecs', cluster: 'shop', service: 'notes' },
    { kind: 'ecs', cluster: 'shop', service: 'notes', how: 'stopTask' },
    { kind: 'ec2', ...tagged },
    { kind: 'ssm', ...tagged, command: 'systemctl restart notes' },
    { kind: 'lambda', function: 'restart-notes' },
    { kind: 'fis', template: 'EXT123' },
  ]),
  cloud: whole.cloud,
};
for (const drill of drilled.drills) Object.assign(drill, { schedule: { cron: '0 3 * * 2' } });

const check = (app: App): void => Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

const synthesiseChecked = (options: Options): Synthesised =>
  synthesise({ ...options, prepare: (app, plimsoll) => [check(app), options.prepare?.(app, plimsoll)] });

describe('cdk-nag, AwsSolutions', () => {
  it.each([
    ['a plain stack', { config: plain }],
    ['a stack with a key of its own and all that can be kept', { config: whole }],
    ['a stack with drills', { config: drilled }],
    ['the profile local', { config: plain, profile: 'local' as const }],
  ])('has nothing to say of %s that is not answered in place, and nor has CDK itself', (_, options) => {
    const { templateFile } = synthesiseChecked(options);
    const report = JSON.parse(readFileSync(join(dirname(templateFile), 'validation-report.json'), 'utf8'));
    expect(report.pluginReports).toEqual([]);
  });

  it('would find a bucket, or a wildcard, for which there is no reason', () => {
    const planted = (prepare: Options['prepare']) => () =>
      synthesiseChecked({ config: plain, ...(prepare ? { prepare } : {}) });
    expect(planted((_, plimsoll) => new Bucket(plimsoll, 'Planted'))).toThrow(/AwsSolutions-S1\b/);
    expect(
      planted((_, plimsoll) => {
        const role = new Role(plimsoll, 'Planted', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
        plimsoll.storage.bucket.grantRead(role);
      }),
    ).toThrow(/AwsSolutions-IAM5/);
  });
});

type Override = { readonly addPropertyOverride: (path: string, value: unknown) => void };

const noLint = await whyNot('lint');
if (noLint !== undefined) process.stderr.write(`cfn-lint is skipped: ${noLint}\n`);

describe.skipIf(noLint !== undefined)('cfn-lint', () => {
  /** W3005: CDK writes `DependsOn` beside a reference, which says the same twice and harms nobody. */
  const lint = async (stacks: readonly Synthesised[]): Promise<readonly string[]> => {
    const files = stacks.map(({ templateFile }) => templateFile);
    const findings = await cfnLint(files, ['--ignore-checks', 'W3005']);
    return findings.map(({ Level, Rule, Message }) => `${Level} ${Rule.Id}: ${Message}`);
  };

  it('finds neither an error nor a warning in the templates', async () => {
    const stacks = [
      synthesise({ config: { ...plain, notify } }),
      synthesise({ config: whole }),
      synthesise({ config: drilled }),
      synthesise({ config: plain, profile: 'local' }),
      synthesise({ config: configOf(30, (index) => ({ cron: `${index} * * * *` })) }),
    ];
    expect(await lint(stacks)).toEqual([]);
  }, 120_000);

  it('would find a property that there is not', async () => {
    const planted = synthesise({
      config: plain,
      // CDK would find it before.
      validated: false,
      prepare: (_, { functions }) => {
        const lambda = functions.byName.judge.lambda.node.defaultChild as unknown as Override;
        lambda.addPropertyOverride('Memory', 512);
      },
    });
    expect(await lint([planted])).toEqual([expect.stringMatching(/^Error E3002: .*Memory/)]);
  }, 120_000);
});

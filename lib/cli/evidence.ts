import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { environmentRefusals, environments, parseEnvironment, parseStorage, storages } from '../config/environment.ts';
import type { Environment, Plan } from '../config/plan.ts';
import { version } from '../version.ts';
import { systemClock } from './clock.ts';
import type { Terminal } from './terminal.ts';

/** One thing that must hold of what an environment refuses, and what was seen. */
type Proof = { readonly name: string; readonly expected: string; readonly actual: string; readonly passed: boolean };

/** Evidence that the environments fail closed, for an audit: what was tried, when, at which version, by which command. */
export type Evidence = {
  readonly schema: 1;
  readonly kind: 'environment-refusals';
  readonly tool: string;
  readonly command: string;
  readonly checkedAt: string;
  readonly config: { readonly file: string; readonly sha256: string };
  readonly environment: Environment;
  readonly checks: readonly Proof[];
  /** What this environment refuses of this config. */
  readonly refusals: readonly string[];
  readonly status: 'PASS' | 'FAIL';
  /** Same failure, same signature; `null` when all passed. */
  readonly failureSignature: string | null;
};

const refused = 'refused';
const accepted = 'accepted';
const says = (ok: boolean): string => (ok ? accepted : refused);

const prove = (name: string, expected: string, actual: string): Proof => ({
  name,
  expected,
  actual,
  passed: expected === actual,
});

/** A plan with nothing in it that any environment refuses: each proof plants its own fault. */
const harmless = ({ control: _, ...plan }: Plan): Plan => ({ ...plan, network: { allow: [] } });

/** Never opened by the config's own words: what is proven is the rule, on a plan made to break it. */
const planted = (plan: Plan): Plan => ({ ...plan, probes: [], network: { allow: ['127.0.0.0/8'] } });

const proveStorages = (plan: Plan): readonly Proof[] =>
  environments.flatMap((environment) =>
    storages.map((storage) => {
      const refusals = environmentRefusals({ ...plan, probes: [] }, environment, new Map(), storage);
      const expected = environment !== 'dev' && storage === 'embedded' ? refused : accepted;
      return prove(`${storage} store in ${environment}`, expected, says(refusals.length === 0));
    }),
  );

const proveUnknown = (): readonly Proof[] => [
  ...['production', 'Prod', 'prod '].map((name) =>
    prove(`unknown environment "${name}"`, refused, says(parseEnvironment(name).ok)),
  ),
  ...['memory', 'sqlite', 'EMBEDDED'].map((name) =>
    prove(`unknown storage "${name}"`, refused, says(parseStorage(name).ok)),
  ),
];

const proveLoopback = (plan: Plan): readonly Proof[] =>
  environments.map((environment) =>
    prove(
      `loopback opened by network.allow in ${environment}`,
      environment === 'dev' ? accepted : refused,
      says(environmentRefusals(planted(plan), environment, new Map(), 'dynamodb').length === 0),
    ),
  );

const provePlainText = (plan: Plan): readonly Proof[] => {
  const [probe] = plan.probes;
  if (!probe) return [];
  const step = probe.steps.find((one) => one.type === 'request' || one.type === 'connect');
  if (!step) return [];
  return (['http', 'ws'] as const).flatMap((scheme) =>
    environments.map((environment) => {
      const url = `${scheme}://plain.example/`;
      const plain = step.type === 'request' ? { ...step, request: { ...step.request, url } } : { ...step, url };
      const broken: Plan = { ...plan, probes: [{ ...probe, steps: [plain], cleanup: [] }] };
      const refusals = environmentRefusals(broken, environment, new Map(), 'dynamodb');
      return prove(
        `${scheme}:// in ${environment}`,
        environment === 'dev' ? accepted : refused,
        says(refusals.length === 0),
      );
    }),
  );
};

const signatureOf = (failed: readonly Proof[]): string | null =>
  failed.length === 0
    ? null
    : createHash('sha256')
        .update(failed.map((proof) => proof.name).join('\n'))
        .digest('hex')
        .slice(0, 16);

/** Tries every refusal and says what came of it. */
export const gatherEvidence = async (
  plan: Plan,
  config: string,
  environment: Environment,
  refusals: readonly string[],
  terminal: Terminal,
): Promise<Evidence> => {
  const sound = harmless(plan);
  const checks = [...proveStorages(sound), ...proveUnknown(), ...proveLoopback(sound), ...provePlainText(sound)];
  const failed = checks.filter((check) => !check.passed);
  const bytes = await readFile(resolve(terminal.cwd, config));
  return {
    schema: 1,
    kind: 'environment-refusals',
    tool: `plimsoll ${version}`,
    command: `plimsoll check --config ${config} --environment ${environment} --evidence FILE`,
    checkedAt: new Date(systemClock.now()).toISOString(),
    config: { file: config, sha256: createHash('sha256').update(bytes).digest('hex') },
    environment,
    checks,
    refusals,
    status: failed.length === 0 ? 'PASS' : 'FAIL',
    failureSignature: signatureOf(failed),
  };
};

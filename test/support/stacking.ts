import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { onTestFinished } from 'vitest';
import type { Json } from '../../lib/config/plan.ts';
import { Plimsoll, type PlimsollProps, planOf } from '../../lib/stack/index.ts';
import { drillFunctionNames, functionNames, handlerFile } from '../../lib/stack/names.ts';
import { type Later, root } from './cli.ts';

/** A folder of its own, gone when the test is over. A hook brings its own `later`. */
export const makeFolder = (name: string, later: Later = onTestFinished): string => {
  const folder = mkdtempSync(join(tmpdir(), `plimsoll-${name}-`));
  later(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Stand-ins of the built functions: a template has their names and their hashes, and not their code. */
export const writeFunctions = (folder: string): string => {
  for (const name of [...functionNames, ...drillFunctionNames]) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, handlerFile), `exports.handler = async () => '${name}';\n`);
  }
  return folder;
};

const { context: flags } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  readonly context: Readonly<Record<string, unknown>>;
};

/** Makes what CDK's own validation finds an error. */
const validate = '@aws-cdk/core:validateAgainstDefaultRules';

export type Resource = {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: Json };
  readonly DeletionPolicy?: string;
};

export type Synthesised = {
  readonly stack: Stack;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  readonly templateFile: string;
  /** Resources of a type, in the order of the template. */
  of(type: string): readonly Resource[];
  /** JSON of an asset. */
  readPlan(): unknown;
};

export type Options = Omit<Partial<PlimsollProps>, 'plan'> & {
  readonly config: object;
  readonly validated?: boolean;
  readonly later?: Later;
  /** Before the synthesis. */
  readonly prepare?: (app: App, plimsoll: Plimsoll) => void;
};

/** Synthesises the stack `plimsoll-notes` of a config, with the flags of cdk.json. */
export const synthesise = ({ config, validated = true, later = onTestFinished, prepare, ...props }: Options) => {
  const folder = makeFolder('stack', later);
  const functionsFolder = writeFunctions(join(folder, 'functions'));
  const app = new App({ outdir: join(folder, 'out'), context: { ...flags, [validate]: validated }, autoSynth: false });
  const stack = new Stack(app, 'plimsoll-notes');
  const plimsoll = new Plimsoll(stack, 'Plimsoll', { env: {}, functionsFolder, plan: planOf(config), ...props });
  prepare?.(app, plimsoll);
  const artifact = app.synth().getStackByName('plimsoll-notes');
  const template: { Resources: Record<string, Resource>; Outputs: Synthesised['outputs'] } = artifact.template;
  return readTemplate(stack, template, artifact.templateFullPath, join(folder, 'out'));
};

const readTemplate = (
  stack: Stack,
  { Resources: resources, Outputs: outputs }: { Resources: Record<string, Resource>; Outputs: Synthesised['outputs'] },
  templateFile: string,
  outdir: string,
): Synthesised => ({
  stack,
  resources,
  outputs,
  templateFile,
  of: (type) => Object.values(resources).filter((resource) => resource.Type === type),
  readPlan: () => {
    const [parameter] = Object.values(resources).filter(({ Type }) => Type === 'AWS::SSM::Parameter');
    const [, hash] = /\/([0-9a-f]{64})\.json"/.exec(JSON.stringify(parameter?.Properties.Value)) ?? [];
    return JSON.parse(readFileSync(join(outdir, `asset.${hash}.json`), 'utf8'));
  },
});

/** A config of `count` probes, each with the schedule that `scheduleOf` gives it. */
export const configOf = (
  count: number,
  scheduleOf: (index: number) => object = () => ({ every: '1m' }),
  rest: object = {},
) => ({
  service: 'notes',
  probes: Array.from({ length: count }, (_, index) => ({
    id: `probe-${index}`,
    kind: 'http',
    schedule: scheduleOf(index),
    steps: [{ name: 'get', request: { url: 'https://notes.example/' } }],
  })),
  ...rest,
});

export const countOf = ({ resources }: Synthesised): number => Object.keys(resources).length;

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { openDynamoStore } from '../../lib/aws/dynamodb/store.ts';
import { openSamples } from '../../lib/aws/samples.ts';
import type { DispatchInput, DispatchOutput, JudgeInput } from '../../lib/dispatch/input.ts';
import { alarmNameOf, type drillAlarmKey, type StackAlarmKey } from '../../lib/judge/alarm/stack-alarms.ts';
import { outputNames, stackNameOf } from '../../lib/names.ts';
import type { Store } from '../../lib/result/store.ts';
import { makeAwsClients } from './aws-store.ts';
import { bootstrap, type CdkOptions, deploy } from './emulator/cdk.ts';
import { type Emulator, startEmulator } from './emulator/emulator.ts';

export type Outputs = Readonly<Record<keyof typeof outputNames, string>>;

/** The real app, deployed into an emulator of its own. */
export type Deployed = {
  readonly emulator: Emulator;
  readonly stack: string;
  readonly outputs: Outputs;
  /** By output key, whatever the config brings. */
  readonly allOutputs: Readonly<Record<string, string>>;
  readonly store: Store;
  /** What cdk is given, to deploy once more or to destroy. */
  readonly cdk: CdkOptions;
  dispatch(input: DispatchInput): Promise<DispatchOutput>;
  judge(input: JudgeInput): Promise<void>;
  /** `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
  alarmState(name: StackAlarmKey | typeof drillAlarmKey): Promise<string | undefined>;
  /** Deploys this config over the one before. */
  update(config: unknown): Promise<void>;
  stop(): Promise<void>;
};

const pollMs = 250;

/** Longest that anything here may take: a schedule of a minute fires within it several times. */
const limitMs = 240_000;

/** Asks until there is an answer; what never comes fails with these words. */
export const eventually = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
  for (const limit = AbortSignal.timeout(limitMs); !limit.aborted; await sleep(pollMs)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`it never came: ${what}`);
};

/** `undefined` unless it holds: for `eventually`. */
export const given = (holds: boolean): true | undefined => (holds ? true : undefined);

const outputsOf = (printed: Readonly<Record<string, string>>): Outputs =>
  Object.fromEntries(
    Object.entries(outputNames).map(([key, name]) => {
      const value = printed[name];
      if (value === undefined) throw new Error(`the stack has no output ${name}: ${Object.keys(printed).join(', ')}`);
      return [key, value];
    }),
  ) as Outputs;

const invoke = async (lambda: LambdaClient, name: string, input: unknown): Promise<unknown> => {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(input) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`${name}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
};

/** Deploys a config for real: bootstrap, secrets, `cdk deploy` of bin/app.ts. */
export const deployApp = async (
  config: { readonly service: string },
  secrets: Readonly<Record<string, string>>,
): Promise<Deployed> => {
  const emulator = await startEmulator();
  const { clientConfig, folder } = emulator;
  const file = join(folder, 'plimsoll.json');
  const cdk: CdkOptions = { config: file, context: { profile: 'local' } };
  const stack = stackNameOf(config.service);
  const put = (next: unknown) => writeFile(file, JSON.stringify(next));
  await Promise.all([bootstrap(emulator), put(config)]);
  const ssm = new SSMClient(clientConfig);
  for (const [Name, Value] of Object.entries(secrets)) {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }));
  }
  const allOutputs = (await deploy(emulator, cdk))[stack] ?? {};
  const outputs = outputsOf(allOutputs);
  const lambda = new LambdaClient({ ...clientConfig, maxAttempts: 1 });
  const cloudwatch = new CloudWatchClient(clientConfig);
  const { dynamo, s3 } = makeAwsClients(emulator);
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const samples = openSamples({ s3, bucket: outputs.bucket });
  const store = openDynamoStore({ dynamo, table: outputs.table, samples, clock });
  return {
    emulator,
    stack,
    outputs,
    allOutputs,
    store,
    cdk,
    dispatch: async (input) => (await invoke(lambda, outputs.dispatchFunction, input)) as DispatchOutput,
    judge: async (input) => void (await invoke(lambda, outputs.judgeFunction, input)),
    alarmState: async (name) => {
      const { MetricAlarms = [] } = await cloudwatch.send(
        new DescribeAlarmsCommand({ AlarmNames: [alarmNameOf(stack, name)] }),
      );
      return MetricAlarms[0]?.StateValue;
    },
    update: async (next) => {
      await put(next);
      await deploy(emulator, cdk);
    },
    stop: () => emulator.stop(),
  };
};

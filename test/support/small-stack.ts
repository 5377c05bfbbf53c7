import { createHash } from 'node:crypto';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { outputNames, tableShape, tagNames } from '../../lib/names.ts';
import type { Emulator } from './emulator/emulator.ts';

export type SmallStack = {
  readonly name: string;
  /** By output key. */
  readonly outputs: Readonly<Record<string, string>>;
};

type SmallStackOptions = {
  readonly service?: string;
  /** Default: the names of a stack of Plimsoll's. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Logical ids with `DeletionPolicy: Retain`. */
  readonly retain?: readonly string[];
  /** Outputs to leave out. */
  readonly without?: readonly string[];
};

/** Slot (ISO) of the runs that tests put into its table: an hour ago, for a table forgets what is old. */
export const smallSlot = new Date(Date.now() - 3_600_000).toISOString();

/** The id that the small stack's dispatch function gives a run. */
export const smallRunId = (token: string, probe: string): string =>
  createHash('sha256').update(`${token} ${smallSlot} ${probe}`).digest('hex').slice(0, 26);

/** Answers as the real one does, of tokens that all were first used at one time; makes no run. `broken` is a probe that breaks it. */
const dispatchCode = `
const { createHash } = require('node:crypto');
const slot = '${smallSlot}';
const known = ['a', 'b'];
exports.handler = async ({ kind, probes, clientToken, askedAt }) => {
  if (kind !== 'demand' || askedAt !== undefined) throw new Error('not what the command line asks for');
  if (probes.includes('broken')) throw new Error('the plan at s3://bucket/plan.json is damaged\\nmore of it');
  if (probes.includes('silent')) return 'nothing';
  const strange = probes.filter((probe) => !known.includes(probe));
  if (strange.length > 0) {
    return { runs: [], messages: 0, refused: 'no such probe is deployed: ' + strange[0] + '; known probes: ' + known.join(', ') };
  }
  const idOf = (probe) => createHash('sha256').update([clientToken, slot, probe].join(' ')).digest('hex').slice(0, 26);
  const asked = probes.length > 0 ? probes : known;
  return { runs: asked.map((probe) => ({ probe, slot, runId: idOf(probe) })), messages: 1 };
};`;

const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
const { partitionKey, sortKey, byRunId } = tableShape;

const resources = {
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [key(partitionKey, 'HASH'), key(sortKey, 'RANGE')],
      AttributeDefinitions: [partitionKey, sortKey, byRunId.key].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: byRunId.index,
          KeySchema: [key(byRunId.key, 'HASH')],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    },
  },
  Bucket: { Type: 'AWS::S3::Bucket' },
  DeadLetters: { Type: 'AWS::SQS::Queue' },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
  },
  Dispatch: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: dispatchCode },
    },
  },
} as const;

const outputs = {
  [outputNames.table]: { Ref: 'Table' },
  [outputNames.bucket]: { Ref: 'Bucket' },
  [outputNames.dispatchFunction]: { Ref: 'Dispatch' },
  [outputNames.deadLetterQueueUrl]: { Ref: 'DeadLetters' },
};

const bodyOf = ({ retain = [], without = [] }: SmallStackOptions): string => {
  const kept = Object.entries(resources).map(([id, resource]) => [
    id,
    retain.includes(id) ? { ...resource, DeletionPolicy: 'Retain' } : resource,
  ]);
  const shown = Object.entries(outputs).filter(([name]) => !without.includes(name));
  return JSON.stringify({
    Resources: Object.fromEntries(kept),
    Outputs: Object.fromEntries(shown.map(([name, Value]) => [name, { Value }])),
  });
};

/** A stack with the outputs of a real one that the command line needs, made in half a second. */
export const makeSmallStack = async (
  emulator: Emulator,
  name: string,
  options: SmallStackOptions = {},
): Promise<SmallStack> => {
  const client = new CloudFormationClient(emulator.clientConfig);
  const tags = options.tags ?? { [tagNames.service]: options.service ?? 'shop', [tagNames.stack]: name };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await client.send(new CreateStackCommand({ StackName: name, TemplateBody: bodyOf(options), Tags }));
  const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  const { reason } = await waitUntilStackCreateComplete(waiting, { StackName: name });
  const made: { readonly OutputKey: string; readonly OutputValue: string }[] = reason.Stacks[0].Outputs;
  return { name, outputs: Object.fromEntries(made.map((one) => [one.OutputKey, one.OutputValue])) };
};

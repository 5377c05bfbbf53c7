import type { Ground } from '../../lib/aws/deps.ts';
import { once } from '../../lib/aws/once.ts';
import { environmentNames, objectPrefixes, tableShape } from '../../lib/names.ts';
import type { Allowed } from './permissions.ts';

type Input = Readonly<Record<string, unknown>>;

/** The part of a client of the SDK, of any service, that is needed here. */
type Client = {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { readonly step: 'initialize' }): void;
  };
};
type Handle = (given: { readonly input: Input }) => Promise<unknown>;
type Middleware = (next: Handle, context: { readonly clientName?: string; readonly commandName?: string }) => Handle;

const prefixes: Readonly<Record<string, string>> = {
  CloudWatch: 'cloudwatch',
  DynamoDB: 'dynamodb',
  EventBridge: 'events',
  S3: 's3',
  SNS: 'sns',
  SQS: 'sqs',
  SSM: 'ssm',
  SecretsManager: 'secretsmanager',
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const partActions: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

const tableActions = (operation: string, input: Input): readonly string[] =>
  operation === 'TransactWriteItems'
    ? (input.TransactItems as readonly Input[]).flatMap(Object.keys).map((part) => partActions[part] ?? part)
    : [operation];

/** What IAM is asked for a command; the place is told where a function has several of a kind. */
const askedFor = (service: string, operation: string, input: Input, env: Ground['env']): readonly string[] => {
  if (service === 'dynamodb') {
    const place = input.IndexName === undefined ? 'table' : `index ${input.IndexName}`;
    return tableActions(operation, input).map((action) => `dynamodb:${action} ${place}`);
  }
  if (service === 's3') {
    const ours = Object.values(objectPrefixes).some((prefix) => String(input.Key).startsWith(prefix));
    return [`s3:${operation} ${ours ? 'bucket' : 'plan'}`];
  }
  if (service === 'sqs') {
    const place = input.QueueUrl === env[environmentNames.workQueueUrl] ? 'work' : 'dead letters';
    return [`sqs:${operation.replace(/Batch$/, '')} ${place}`];
  }
  return [`${service}:${operation}`];
};

const placeOf = (resource: string): string => {
  if (resource.startsWith('<StorageTable'))
    return resource.endsWith(tableShape.byRunId.index) ? 'index byRunId' : 'table';
  if (resource.startsWith('<StorageBucket')) return 'bucket';
  if (resource.startsWith('<Queues')) return resource.includes('Work') ? 'work' : 'dead letters';
  return 'plan';
};

/** What a role allows, in the same words. */
export const fenceOf = (allowed: Allowed): ReadonlySet<string> =>
  new Set(
    allowed.map((one) => {
      const [action = '', resource = ''] = one.split(' ');
      return /^(dynamodb|s3|sqs):/.test(action) ? `${action} ${placeOf(resource)}` : action;
    }),
  );

export type Fenced<Clients> = {
  readonly clients: Clients;
  readonly asked: ReadonlySet<string>;
  readonly denied: ReadonlySet<string>;
};

/** Clients that refuse what is not allowed, as IAM does, and note what they are asked for. They must be nobody else's. */
export const fenceIn = <Clients extends Ground['clients']>(
  clients: Clients,
  env: Ground['env'],
  allowed: ReadonlySet<string>,
): Fenced<Clients> => {
  const [asked, denied] = [new Set<string>(), new Set<string>()];
  const check: Middleware =
    (next, { clientName = '', commandName = '' }) =>
    (given) => {
      const service = prefixes[clientName.replace(/Client$/, '')] ?? clientName;
      for (const one of askedFor(service, commandName.replace(/Command$/, ''), given.input, env)) {
        asked.add(one);
        if (allowed.has(one)) continue;
        denied.add(one);
        throw Object.assign(new Error(`not authorized to perform: ${one}`), { name: 'AccessDeniedException' });
      }
      return next(given);
    };
  const fenced = Object.entries(clients as Readonly<Record<string, () => Promise<unknown>>>).map(([name, open]) => [
    name,
    once(async () => {
      const client = await open();
      (client as Client).middlewareStack.add(check, { step: 'initialize' });
      return client;
    }),
  ]);
  return { clients: Object.fromEntries(fenced) as Clients, asked, denied };
};

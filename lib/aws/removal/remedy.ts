import type { CloudPlan } from '../../config/plan.ts';

/** Parts of an ARN: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
type ArnParts = { readonly service: string; readonly kind: string; readonly name: string };

const readArn = (arn: string): ArnParts => {
  const [, , service = '', , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  const parts = /^([a-zA-Z-]+)[:/](.+)$/s.exec(resource);
  return { service, kind: parts?.[1] ?? '', name: parts?.[2] ?? resource };
};

type Remedy = (parts: ArnParts, arn: string) => string;

/** By service and kind, or by service where it has one kind. Names as a shell takes them: AWS allows no quote in any. */
const remedies: Readonly<Record<string, Remedy>> = {
  'dynamodb/table': ({ name }) => `aws dynamodb delete-table --table-name ${name}`,
  // A bucket with versions takes more than `rb --force`.
  s3: ({ name }) => `empty it in the console, then: aws s3 rb s3://${name}`,
  sqs: ({ name }) =>
    `aws sqs delete-queue --queue-url "$(aws sqs get-queue-url --queue-name ${name} --output text --query QueueUrl)"`,
  sns: (_, arn) => `aws sns delete-topic --topic-arn ${arn}`,
  'lambda/function': ({ name }) => `aws lambda delete-function --function-name ${name}`,
  'lambda/event-source-mapping': ({ name }) => `aws lambda delete-event-source-mapping --uuid ${name}`,
  'logs/log-group': ({ name }) => `aws logs delete-log-group --log-group-name ${name.replace(/:\*$/, '')}`,
  'scheduler/schedule-group': ({ name }) => `aws scheduler delete-schedule-group --name ${name}`,
  'events/rule': ({ name }) => `aws events delete-rule --name ${name} (after aws events remove-targets)`,
  'cloudwatch/alarm': ({ name }) => `aws cloudwatch delete-alarms --alarm-names ${name}`,
  'cloudwatch/dashboard': ({ name }) => `aws cloudwatch delete-dashboards --dashboard-names ${name}`,
  'ssm/parameter': ({ name }) => `aws ssm delete-parameter --name ${name.includes('/') ? `/${name}` : name}`,
  'secretsmanager/secret': (_, arn) => `aws secretsmanager delete-secret --secret-id ${arn}`,
  'kms/key': (_, arn) => `aws kms schedule-key-deletion --key-id ${arn}`,
  'iam/role': ({ name }) => `aws iam delete-role --role-name ${name} (after its policies)`,
  'iam/policy': (_, arn) => `aws iam delete-policy --policy-arn ${arn}`,
  'states/stateMachine': (_, arn) => `aws stepfunctions delete-state-machine --state-machine-arn ${arn}`,
  'cloudformation/stack': ({ name }) => `aws cloudformation delete-stack --stack-name ${name.split('/')[0]}`,
};

/** How a person removes what an ARN names: a command where there is one. */
export const remedyOf = (arn: string): string => {
  const parts = readArn(arn);
  const remedy = remedies[`${parts.service}/${parts.kind}`] ?? remedies[parts.service];
  return remedy?.(parts, arn) ?? `look for ${parts.name} in the console of ${parts.service}`;
};

/** Whether an ARN is that of a stack's resource, whose physical id is a name, a URL or the ARN itself. */
export const isSameResource = (arn: string, physicalId: string): boolean => {
  if (physicalId === '' || arn === physicalId) return arn === physicalId;
  if (physicalId.startsWith('arn:')) return false;
  const name = /^https?:\/\//.test(physicalId) ? (physicalId.split('/').at(-1) ?? '') : physicalId.replace(/^\//, '');
  const resource = arn.split(':').slice(5).join(':').replace(/:\*$/, '');
  return resource === name || resource.endsWith(`/${name}`) || resource.endsWith(`:${name}`);
};

/** Whether a config asked to keep it. What is kept of a table or a bucket cannot be read without the key it is under. */
export const isKept = (arn: string, { keep, customerKey }: CloudPlan): boolean => {
  const { service, kind } = readArn(arn);
  switch (service) {
    case 's3':
      return keep.includes('bucket');
    case 'dynamodb':
      return kind === 'table' && keep.includes('table');
    case 'kms':
      return customerKey && keep.length > 0;
    default:
      return false;
  }
};

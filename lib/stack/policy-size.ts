import { Stack } from 'aws-cdk-lib';
import type { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { type Node, spell } from './cfn-text.ts';
import { PlanRefused } from './refusal.ts';

/** Characters of a role's inline policies that IAM takes, blanks apart ("IAM and AWS STS quotas"). */
const mostCharacters = 10_240;

/** Of `arn:aws:dynamodb:eu-central-1:111122223333:table/` and the hyphens and letters that CloudFormation adds to a name. */
const aroundName = 63;

const known: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-1',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com',
};

const isIntrinsic = (node: object): boolean => {
  const [key = '', ...others] = Object.keys(node);
  return others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
};

/** Its texts as they may be once it is deployed: a name of CloudFormation's has that of the stack in it, and the resource's. */
const foresee = (node: unknown, stackName: string): unknown => {
  if (Array.isArray(node)) return node.map((one) => foresee(one, stackName));
  if (typeof node !== 'object' || node === null) return node;
  if (!isIntrinsic(node)) {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, foresee(value, stackName)]));
  }
  return spell(node as Node).replaceAll(
    /<([\w:]+)[^>]*>/g,
    (_, id: string) => known[id] ?? '-'.repeat(aroundName + stackName.length + id.length),
  );
};

/**
 * Refuses before the deploy what IAM would refuse in the midst of it: the plan decides to how much a role refers.
 *
 * @throws PlanRefused when a role's policy is too long.
 */
export const checkPolicySize = (scope: IConstruct, document: PolicyDocument): void => {
  const stack = Stack.of(scope);
  const length = JSON.stringify(foresee(stack.resolve(document), stack.stackName)).length;
  if (length <= mostCharacters) return;
  const [needs, takes] = [length, mostCharacters].map((count) => count.toLocaleString('en'));
  throw new PlanRefused([
    `the role of ${scope.node.id} needs a policy of ${needs} characters or so, and IAM takes ${takes}: the plan refers to too many secrets and topics for one stack; share secrets between its probes, or give some of the probes a service of their own`,
  ]);
};

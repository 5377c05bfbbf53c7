import type { Json } from '../../lib/config/plan.ts';
import { cfnText } from '../../lib/stack/cfn-text.ts';
import type { Synthesised } from './stacking.ts';

export type Statement = {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: Json;
  readonly Condition?: Json;
};

/** `s3:GetObject <Bucket.Arn>/runs/*`: every action on every resource, without the hashes of logical ids. */
export type Allowed = readonly string[];

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

export const statementsOf = ({ resources }: Synthesised, role: RegExp): readonly Statement[] =>
  Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
    Type === 'AWS::IAM::Role' && role.test(id)
      ? (Properties.Policies as unknown as readonly { PolicyDocument: { Statement: readonly Statement[] } }[]).flatMap(
          ({ PolicyDocument }) => PolicyDocument.Statement,
        )
      : [],
  );

/** All that a role of a template allows, sorted. */
export const allowedTo = (stack: Synthesised, role: RegExp): Allowed =>
  statementsOf(stack, role)
    .flatMap(({ Action, Resource }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).map((resource) => {
          const text = cfnText(stack.stack, resource as string).replaceAll(/([A-Za-z]+?)[0-9A-F]{8}(?=[.>])/g, '$1');
          return `${action} ${text.replaceAll('Plimsoll', '')}`;
        }),
      ),
    )
    .toSorted();

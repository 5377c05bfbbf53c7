import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export type Node = string | { readonly [intrinsic: string]: unknown };

/** A value that is resolved already. */
export const spell = (node: Node): string => {
  if (typeof node === 'string') return node;
  const [[intrinsic, value] = ['', '']] = Object.entries(node);
  if (intrinsic === 'Ref') return `<${String(value)}>`;
  if (intrinsic === 'Fn::GetAtt' && Array.isArray(value)) return `<${value.join('.')}>`;
  if (intrinsic === 'Fn::Sub') return String(value).replaceAll(/\$\{([^}]+)\}/g, '<$1>');
  if (intrinsic === 'Fn::Join' && Array.isArray(value)) return (value[1] as readonly Node[]).map(spell).join(value[0]);
  return JSON.stringify(node);
};

/** A value of a template as cdk-nag spells it in the ids of its findings: `<Bucket.Arn>/runs/*`. */
export const cfnText = (scope: IConstruct, value: string): string => spell(Stack.of(scope).resolve(value));

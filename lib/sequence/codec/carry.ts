import type { abilities, SpokenName } from '../../config/abilities.ts';
import { problemWith } from '../../config/operation-problem.ts';
import type { CodecPlan, Json, Operation } from '../../config/plan.ts';
import { CodecError, type Dialogue } from './codec.ts';

type Declared = typeof abilities;

type Spoken = {
  readonly [Name in SpokenName]: Extract<Operation, { readonly do: Declared[Name]['operations'][number] }>;
};

/** An operation that a codec declares: it must have words for each, and is asked for no other. A dialect says what it has. */
export type OperationOf<Name extends SpokenName | 'json'> = (Spoken & { readonly json: Operation })[Name];

/** Refuses what the codec cannot say, in the words in which the check of a config does. @throws CodecError */
export const carrying =
  <Name extends SpokenName | 'json' = 'json'>(
    codec: CodecPlan,
    say: (operation: OperationOf<Name>) => readonly Json[],
  ): Dialogue['carryOut'] =>
  (operation) => {
    const problem = problemWith(codec, operation);
    if (problem) throw new CodecError(`${problem.message}: ${problem.remedy}`);
    return say(operation as OperationOf<Name>);
  };

import { abilitiesOf } from '../abilities.ts';
import type { Place } from '../place.ts';
import type { CodecPlan, Invariant, OperationName } from '../plan.ts';
import type { CodecInput } from '../schema/config.ts';
import { operands, templateNames } from '../templates.ts';
import { checkTemplates, variableScope } from './names.ts';

const operandsOf: { readonly [Name in OperationName]: readonly string[] } = {
  subscribe: operands,
  unsubscribe: ['op.stream', 'op.id'],
  publish: ['op.stream', 'op.payload', 'op.id'],
  ack: ['op.stream', 'op.cursor', 'op.id'],
};

const checkOperands = (operation: string, words: unknown, place: Place): void => {
  const offered = operandsOf[operation as OperationName];
  for (const name of templateNames(words)) {
    if (!operands.includes(name) || offered.includes(name)) continue;
    const remedy = `it has ${offered.map((known) => `{{${known}}}`).join(', ')}`;
    place.refuse(`{{${name}}} is no part of \`${operation}\``, { remedy });
  }
};

/** A codec is loaded before the first step: there are variables, and what an operation is asked for. */
export const checkCodecNames = (
  codec: CodecInput | undefined,
  place: Place,
  variables: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): void => {
  if (typeof codec !== 'object') return;
  const scope = variableScope(variables, lost);
  if (!('json' in codec)) {
    checkTemplates(codec, place, scope);
    return;
  }
  // Names of fields say by themselves that they take no templates.
  const { operations, fields: _fields, epoch: _epoch, ...rest } = codec.json;
  const at = place.at('json');
  checkTemplates(rest, at, scope);
  const known = new Set([...variables, ...operands]);
  for (const [operation, words, spot] of at.at('operations').entries(operations as Readonly<Record<string, unknown>>)) {
    checkTemplates(words, spot, { ...scope, known });
    checkOperands(operation, words, spot);
  }
};

/** Where nothing is known, nothing is unknown. */
export const checkKnownTypes = (
  codec: CodecPlan,
  invariants: readonly (readonly [Invariant, Place])[],
  lost: ReadonlySet<string>,
): void => {
  const ownTypes = abilitiesOf(codec).types;
  for (const [invariant, place] of invariants) {
    if (invariant.kind !== 'unknownTypes' || invariant.known.length > 0) continue;
    if ((ownTypes && invariant.field === '$type') || lost.has('types') || lost.has('known')) continue;
    const message =
      invariant.field === '$type'
        ? `codec \`${codec.name}\` knows no types, and so none is unknown`
        : `no codec knows the values of \`${invariant.field}\`, and so none is unknown`;
    place
      .at('unknownTypes')
      .refuse(message, { remedy: "list what is known: { policy: 'tolerate', known: ['a', 'b'] }" });
  }
};

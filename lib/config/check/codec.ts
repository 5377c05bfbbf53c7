import type { Place } from '../place.ts';
import { type PlacedStep, withPlacedInner } from '../placed-step.ts';
import type { CodecName, CodecPlan, Invariant, Operation, Payload, Step } from '../plan.ts';
import type { CodecInput } from '../schema/config.ts';
import { operands, templateNames } from '../templates.ts';
import { checkTemplates, variableScope } from './names.ts';

type OperationName = Operation['do'];

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

const operationIn = (payload: Payload): OperationName | undefined =>
  payload.kind === 'operation' ? payload.operation.do : undefined;

/** The operation that a step carries out, and where it asks for it. */
const askedBy = (step: Step, place: Place): readonly [OperationName, Place] | undefined => {
  if (step.type === 'ack') return ['ack', place.at('ack')];
  if (step.type === 'replay') return ['subscribe', place.at('replay')];
  if (step.type === 'reconnect') {
    return Object.keys(step.resume).length > 0 ? ['subscribe', place.at('reconnect', 'resume')] : undefined;
  }
  const [payload, at] =
    step.type === 'send'
      ? [step.payload, place.at('send')]
      : step.type === 'idempotent' && step.action.kind === 'send'
        ? [step.action.payload, place.at('idempotent', 'send')]
        : [undefined, place];
  const operation = payload && operationIn(payload);
  return operation && [operation, at.at(operation)];
};

/** Which operations the other codecs have, they say themselves when they are asked. */
const offers = (codec: CodecPlan, operation: OperationName): boolean =>
  codec.name === 'json' ? codec.dialect.operations[operation] !== undefined : codec.name !== 'raw';

const remedyFor = ({ name }: CodecPlan, operation: OperationName): string =>
  name === 'json'
    ? `write them: codec: { json: { operations: { ${operation}: { … } } } }`
    : 'name the codec of your protocol, or send frames as they are';

/** Operations that the config itself shows its codec to have no words for. */
export const checkOperations = (codec: CodecPlan, steps: readonly PlacedStep[], lost: ReadonlySet<string>): void => {
  for (const { step, place } of steps.flatMap(withPlacedInner)) {
    const [operation, at] = askedBy(step, place) ?? [];
    if (operation === undefined || offers(codec, operation) || lost.has(operation)) continue;
    const message = `codec \`${codec.name}\` has no words for \`${operation}\``;
    at?.refuse(message, { remedy: remedyFor(codec, operation) });
  }
};

/** What these read bears the names of the application, and those are any. */
const typeless: readonly CodecName[] = ['raw', 'json-rpc', 'phoenix', 'socket.io'];

/** Where nothing is known, nothing is unknown. */
export const checkKnownTypes = (
  codec: CodecPlan,
  invariants: readonly (readonly [Invariant, Place])[],
  lost: ReadonlySet<string>,
): void => {
  const ownTypes = codec.name === 'json' ? codec.dialect.types.length > 0 : !typeless.includes(codec.name);
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

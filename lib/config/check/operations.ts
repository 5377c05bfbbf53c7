import { abilitiesOf } from '../abilities.ts';
import { problemWith } from '../operation-problem.ts';
import type { Place } from '../place.ts';
import { type PlacedStep, withPlacedInner } from '../placed-step.ts';
import type { CodecPlan, Json, Operation, Payload } from '../plan.ts';
import { hasTemplate } from '../templates.ts';

/** An operation that a step carries out, and where its parts stand. */
type Asked = { readonly operation: Operation; readonly place: Place };

const inPayload = (payload: Payload, place: Place): readonly Asked[] => {
  if (payload.kind !== 'operation') return [];
  const { operation } = payload;
  return [{ operation, place: place.at(operation.do) }];
};

const askedBy = ({ step, place }: PlacedStep): readonly Asked[] => {
  switch (step.type) {
    case 'send':
      return inPayload(step.payload, place.at('send'));
    case 'idempotent':
      return step.action.kind === 'send' ? inPayload(step.action.payload, place.at('idempotent', 'send')) : [];
    case 'ack':
      return [{ operation: { do: 'ack', stream: step.stream, cursor: step.cursor }, place: place.at('ack') }];
    default:
      return [];
  }
};

/** A template may stand for any JSON. */
const isTemplate = (payload: Json | undefined): boolean => typeof payload === 'string' && hasTemplate(payload);

const refuse = ({ operation, place }: Asked, codec: CodecPlan): void => {
  const given: Operation & { readonly payload?: Json; readonly cursor?: Json } = operation;
  const problem = problemWith(codec, operation, isTemplate(given.payload) ? 'unknown' : 'known');
  if (!problem) return;
  const { message, remedy, part } = problem;
  if (part === undefined) {
    place.refuse(message, { got: { stream: operation.stream }, remedy });
    return;
  }
  const got = given[part];
  // What an object holds may be secret, and is not what is wrong.
  place.at(part).refuse(message, { ...(typeof got === 'object' ? {} : { got }), remedy });
};

/** A replay, and a reconnect that is told where to go on, subscribe from a cursor, unless the protocol has another way. */
const checkPlaces = ({ step, place }: PlacedStep, codec: CodecPlan, lost: ReadonlySet<string>): void => {
  const { instead, takesPlaces } = abilitiesOf(codec);
  const subscribe = (stream: string, cursor: Json): Operation => ({ do: 'subscribe', stream, cursor });
  if (step.type === 'replay') {
    const at = place.at('replay');
    const problem = problemWith(codec, subscribe(step.streams[0] ?? '', step.from));
    if (problem && !lost.has('subscribe')) at.refuse(problem.message, { remedy: instead.replay ?? problem.remedy });
  }
  if (step.type !== 'reconnect' || takesPlaces) return;
  const [first] = Object.entries(step.resume);
  const problem = first && problemWith(codec, subscribe(...first));
  if (!problem || lost.has('subscribe')) return;
  place.at('reconnect', 'resume').refuse(problem.message, { got: step.resume, remedy: problem.remedy });
};

/** What comes of a reconnect is for the protocol to say. */
const checkResumption = ({ step, place }: PlacedStep, codec: CodecPlan, byHand: ReadonlySet<string>): void => {
  if (step.type !== 'reconnect' || (step.expect !== 'resumed' && step.expect !== 'reset')) return;
  const { resumptions, resumesByHand, instead } = abilitiesOf(codec);
  if (resumptions.includes(step.expect) || (resumesByHand && byHand.has(step.as))) return;
  const remedy = `${instead.resumption ? `${instead.resumption}; or ` : ''}expect: 'open' where a connection is enough`;
  place
    .at('reconnect', 'expect')
    .refuse(`codec \`${codec.name}\` cannot tell that a session is ${step.expect}`, { got: step.expect, remedy });
};

/** An answer is known by its role. */
const checkAnswer = ({ step, place }: PlacedStep, codec: CodecPlan): void => {
  const { operations, roles } = abilitiesOf(codec);
  if (step.type !== 'ack' || !operations.includes('ack')) return;
  const wanted = step.expect === 'accepted' ? 'ack' : 'error';
  if (roles.includes(wanted)) return;
  const remedy = `say what one is like: codec: { json: { roles: { ${wanted}: { … } } } }`;
  place
    .at('ack')
    .refuse(`codec \`${codec.name}\` knows no message of role \`${wanted}\`, and so no answer`, { remedy });
};

const checkReplica = ({ step, place }: PlacedStep, codec: CodecPlan): void => {
  if (step.type !== 'converge' || abilitiesOf(codec).replica) return;
  const remedy = 'codec yjs does; of another protocol, expect the messages themselves';
  place.at('converge').refuse(`codec \`${codec.name}\` keeps no state that could converge`, { remedy });
};

/** Connections whose handshake is for steps to play. */
const handMade = (steps: readonly PlacedStep[]): ReadonlySet<string> =>
  new Set(steps.flatMap(({ step }) => (step.type === 'connect' && step.handshake === 'manual' ? [step.as] : [])));

/** What steps ask their codec for, and it cannot do. `lost`: keys that were cut out with mistakes of their own. */
export const checkOperations = (codec: CodecPlan, steps: readonly PlacedStep[], lost: ReadonlySet<string>): void => {
  const all = steps.flatMap(withPlacedInner);
  const byHand = handMade(all);
  for (const placed of all) {
    for (const asked of askedBy(placed)) if (!lost.has(asked.operation.do)) refuse(asked, codec);
    checkPlaces(placed, codec, lost);
    if (!lost.has('subscribe') && !lost.has('ack')) checkResumption(placed, codec, byHand);
    if (!lost.has('ack') && !lost.has('error')) checkAnswer(placed, codec);
    checkReplica(placed, codec);
  }
};

import { abilitiesOf } from '../abilities.ts';
import { messageFieldOf, messageRoles } from '../message-field.ts';
import type { Place } from '../place.ts';
import { type PlacedStep, withPlacedInner } from '../placed-step.ts';
import type { CodecPlan, FramePattern, Invariant, Json, Matcher, MessageField, Role, Step } from '../plan.ts';
import { hasTemplate } from '../templates.ts';

/** A field that something looks at, and what it wants there. */
type Look = { readonly field: MessageField; readonly place: Place; readonly matcher?: Matcher };

const inPattern = ({ fields = {}, not, anyOf = [] }: FramePattern, place: Place): readonly Look[] => [
  ...(Object.entries(fields) as [MessageField, Matcher][]).map(([field, matcher]) => ({
    field,
    matcher,
    place: place.at(`$${field}`),
  })),
  // What must not be there may be what never is; but a field that no message has is a slip all the same.
  ...(not ? inPattern(not, place.at('$not')).map(({ field, place: at }) => ({ field, place: at })) : []),
  ...anyOf.flatMap((one, index) => inPattern(one, place.at('$anyOf', index))),
];

const inPatterns = (patterns: readonly FramePattern[], place: Place): readonly Look[] =>
  patterns.flatMap((one, index) => inPattern(one, place.at(index)));

const inName = (name: string | undefined, place: Place): readonly Look[] => {
  const field = name === undefined ? undefined : messageFieldOf(name);
  return field === undefined ? [] : [{ field, place }];
};

const inUntil = (until: object | undefined, place: Place): readonly Look[] =>
  until && 'pattern' in until ? inPattern(until.pattern as FramePattern, place) : [];

const inExpect = ({ expectation }: Extract<Step, { type: 'expect' }>, at: Place): readonly Look[] => {
  switch (expectation.kind) {
    case 'one':
      return inPattern(expectation.pattern, at.at('one'));
    case 'inOrder':
      return [...inPatterns(expectation.patterns, at.at('inOrder')), ...inName(expectation.groupBy, at.at('groupBy'))];
    case 'unordered':
      return inPatterns(expectation.patterns, at.at('unordered'));
    case 'count':
      return [
        ...inPattern(expectation.pattern, at.at('count', 'match')),
        ...inUntil(expectation.until, at.at('count', 'until')),
      ];
    case 'absent':
      return [
        ...inPattern(expectation.pattern, at.at('absent')),
        ...(expectation.afterSeen ? inPattern(expectation.afterSeen, at.at('afterSeen')) : []),
      ];
  }
};

const inCaptures = ({ step, input, place }: PlacedStep): readonly Look[] => {
  if (!('capture' in step)) return [];
  const beside = 'capture' in input ? (input.capture ?? {}) : {};
  return Object.entries(step.capture).flatMap(([name, capture]) => {
    if (capture.from !== 'field') return [];
    const spot = Object.hasOwn(beside, name) ? place.at('capture', name) : place.at(step.type, 'capture', name);
    return [{ field: capture.field, place: spot }];
  });
};

const inStep = (placed: PlacedStep): readonly Look[] => {
  const { step, place } = placed;
  const at = place.at(step.type);
  switch (step.type) {
    case 'expect':
      return [...inExpect(step, at), ...inCaptures(placed)];
    case 'idempotent':
      return [
        ...(step.action.kind === 'send' ? inPattern(step.action.answer, at.at('send', 'answer')) : []),
        ...inPattern(step.events.pattern, at.at('events', 'match')),
        ...inCaptures(placed),
      ];
    case 'replay':
      return [...inUntil(step.until, at.at('until')), ...inCaptures(placed)];
    default:
      return inCaptures(placed);
  }
};

const inInvariant = (invariant: Invariant, place: Place): readonly Look[] => {
  const at = place.at(invariant.kind);
  switch (invariant.kind) {
    case 'noDuplicates':
      return inName(invariant.key, at.at('key'));
    case 'chain':
      return [...inName(invariant.field, at.at('field')), ...inName(invariant.groupBy, at.at('groupBy'))];
    case 'monotonic':
    case 'gapless':
      return [
        ...inName(invariant.field, at.at('field')),
        ...(invariant.stream === '*' ? [] : [{ field: 'stream' as const, place: at.at('stream') }]),
      ];
    case 'totalOrder':
      return inName(invariant.field, at.at('field'));
    case 'latency':
      return inPattern(invariant.until, at.at('until'));
    default:
      return [];
  }
};

/** Roles of which one must be there; nothing where the matcher asks for none by name. */
const rolesIn = (matcher: Matcher): readonly Json[] | undefined => {
  const [named] = matcher.flatMap((term) =>
    term.op === 'equals' || term.op === 'oneOf' ? [[term.value].flat() as readonly Json[]] : [],
  );
  return named?.some((role) => typeof role === 'string' && hasTemplate(role)) ? undefined : named;
};

const refuseField = ({ field, place }: Look, codec: CodecPlan): void => {
  const { fields } = abilitiesOf(codec);
  const remedy =
    fields.length === 0
      ? "name the codec of your protocol, or look into the frame: '$.text'"
      : `it reads ${fields.map((one) => `$${one}`).join(', ')}; anything else is a JSONPath into the body`;
  place.refuse(`codec \`${codec.name}\` reads no \`$${field}\` out of a message`, { remedy });
};

const refuseRole = ({ place }: Look, named: readonly Json[], codec: CodecPlan): void => {
  const { roles } = abilitiesOf(codec);
  const [got] = named.length === 1 ? named : [named];
  const remedy =
    codec.name === 'json'
      ? `say what one is like: codec: { json: { roles: { ${String(named[0])}: { … } } } }`
      : `its roles are ${roles.join(', ')}`;
  place.refuse(`codec \`${codec.name}\` gives no message this role`, { got, remedy });
};

const check = (look: Look, codec: CodecPlan): void => {
  const { fields, roles } = abilitiesOf(codec);
  const named = look.field === 'role' && look.matcher ? rolesIn(look.matcher) : undefined;
  if (named && codec.name !== 'raw') {
    // One that no codec gives is refused where it is read.
    const known = named.filter((role) => messageRoles.includes(role as Role));
    if (known.length > 0 && !known.some((role) => roles.includes(role as Role))) refuseRole(look, known, codec);
  } else if (!fields.includes(look.field)) refuseField(look, codec);
};

/** Fields and roles that a codec gives no message: what looks for them would wait in vain. */
export const checkFields = (
  codec: CodecPlan,
  steps: readonly PlacedStep[],
  invariants: readonly (readonly [Invariant, Place])[],
  lost: ReadonlySet<string>,
): void => {
  // A role that was cut out with a mistake of its own.
  if (lost.has('roles') || lost.has('types')) return;
  const looks = [
    ...steps.flatMap(withPlacedInner).flatMap(inStep),
    ...invariants.flatMap(([invariant, place]) => inInvariant(invariant, place)),
  ];
  for (const look of looks) check(look, codec);
};

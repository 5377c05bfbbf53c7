import type { Place } from '../place.ts';
import { type PlacedStep, withPlacedInner } from '../placed-step.ts';
import type { ConnectStep, Invariant, ReconnectStep, ReplayStep, Step } from '../plan.ts';
import { nearest } from '../problem.ts';

/** What steps make and later ones name. */
type Made = {
  /** Connection to the step that closed it; nothing while it is open. */
  readonly connections: Map<string, string | undefined>;
  readonly marks: Set<string>;
  readonly lost: ReadonlySet<string>;
  /** Complaints of the first iteration of a soak, which the second would repeat. */
  readonly told: Set<string>;
};

const remedyFor = (name: string, known: Iterable<string>, otherwise: string): string => {
  const near = nearest(name, known);
  return near === undefined ? otherwise : `did you mean \`${near}\`?`;
};

const openers = ['connect', 'reconnect', 'replay'];

/** A replay opens a generation of its own. */
const opensConnection = (step: Step): step is ConnectStep | ReconnectStep | ReplayStep => openers.includes(step.type);

const tellOnce = (place: Place, message: string, remedy: string, { told }: Made): void => {
  const key = place.path.join('/');
  if (!told.has(key)) place.refuse(message, { remedy });
  told.add(key);
};

/** `reopens`: a step that opens it by itself, as long as it was opened once. */
const checkConnection = (as: string, place: Place, made: Made, reopens: boolean): void => {
  const { connections, lost } = made;
  const known = connections.has(as);
  const closedBy = connections.get(as);
  if ((known && (closedBy === undefined || reopens)) || lost.has(as)) return;
  if (as === 'main' && openers.some((key) => lost.has(key))) return;
  if (known) {
    const remedy = `open it again first: { reconnect: { as: '${as}' } }`;
    tellOnce(place, `connection \`${as}\` is closed here: step \`${closedBy}\` closes it`, remedy, made);
    // One mistake, one sentence: what follows is read as if it were repaired.
    connections.set(as, undefined);
    return;
  }
  const remedy = remedyFor(as, connections.keys(), `add { connect: { as: '${as}', url: … } } before it`);
  tellOnce(place, `connection \`${as}\` is not open here`, remedy, made);
};

/** Where a step names the connections that it works on. */
const spotsOf = (step: Step, place: Place): readonly (readonly [string, Place])[] => {
  switch (step.type) {
    case 'request':
    case 'connect':
    case 'soak':
      return [];
    case 'idempotent': {
      const at = place.at('idempotent');
      const { action, events } = step;
      const sent = action.kind === 'send' ? [[action.as, at.at('send', 'as')] as const] : [];
      return [...sent, [events.as, at.at('events', 'as')]];
    }
    case 'barrier':
      return step.as.map((as) => [as, place.at('barrier')]);
    default:
      return [step.as].flat().map((as) => [as, place.at(step.type, 'as')]);
  }
};

const checkMark = (mark: string | undefined, place: Place, { marks, lost }: Made): void => {
  if (mark === undefined || marks.has(mark) || lost.has(mark)) return;
  place.refuse(`mark \`${mark}\` is not set before this step`, {
    got: mark,
    remedy: remedyFor(mark, marks, `set it: { send: { mark: '${mark}', … } }`),
  });
};

/** Of what is not open nothing is silent. */
const checkQuiet = (place: Place, made: Made): void => {
  const isOpen = [...made.connections.values()].includes(undefined);
  if (isOpen || openers.some((key) => made.lost.has(key))) return;
  tellOnce(place.at('quiet'), 'no connection is open here', 'add a connect step before it', made);
};

/** Twice: what the first iteration closes is missing in the second. */
const checkSoak = ({ step, inner }: PlacedStep, made: Made): void => {
  if (step.type !== 'soak') return;
  const once = step.iterations === 1;
  for (const _ of once ? [1] : [1, 2]) {
    for (const one of inner) checkStep(one, made);
    if (step.fresh === 'none') continue;
    for (const one of step.steps) {
      if (opensConnection(one) && made.connections.has(one.as)) made.connections.set(one.as, step.name);
    }
  }
};

/** What the step leaves for those after it. */
const note = (step: Step, { connections, marks }: Made): void => {
  if (step.mark !== undefined) marks.add(step.mark);
  if (step.type === 'disconnect' && connections.has(step.as)) connections.set(step.as, step.name);
  if (!opensConnection(step)) return;
  // A refusal that is expected opens nothing, and what was never open is not opened again.
  const opens = step.type === 'connect' ? !step.expectRefused : connections.has(step.as);
  if (opens) connections.set(step.as, undefined);
};

const checkStep = (placed: PlacedStep, made: Made): void => {
  const { step, place } = placed;
  const reopens = opensConnection(step);
  for (const [as, at] of spotsOf(step, place)) checkConnection(as, at, made, reopens);
  if (step.type === 'quiet' && step.as.length === 0) checkQuiet(place, made);
  if (step.type === 'expect') {
    checkMark(step.from, place.at('expect', 'from'), made);
    checkMark(step.latency?.since, place.at('expect', 'latency', 'since'), made);
  }
  checkSoak(placed, made);
  note(step, made);
};

/**
 * Frames are sent on, and looked for in, connections that an earlier step opened and none has closed; marks are set before
 * they are used.
 */
export const checkConnections = (steps: readonly PlacedStep[], lost: ReadonlySet<string>): void => {
  const made: Made = { connections: new Map(), marks: new Set(), lost, told: new Set() };
  for (const step of steps) checkStep(step, made);
};

/** An invariant may look back to a mark of any step. */
export const checkInvariantMarks = (
  invariants: readonly (readonly [Invariant, Place])[],
  steps: readonly PlacedStep[],
  lost: ReadonlySet<string>,
): void => {
  const marks = new Set(steps.flatMap(withPlacedInner).flatMap(({ step }) => step.mark ?? []));
  for (const [invariant, place] of invariants) {
    if (invariant.kind !== 'latency') continue;
    const { since } = invariant;
    if (marks.has(since) || lost.has(since)) continue;
    const remedy = remedyFor(since, marks, `set it: { mark: '${since}', send: { … } }`);
    place.at('latency', 'since').refuse(`mark \`${since}\` is set by no step`, { got: since, remedy });
  }
};

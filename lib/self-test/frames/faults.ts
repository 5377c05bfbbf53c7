import type { ProbePlan } from '../../config/plan.ts';
import type { MatchEngines } from '../../match/engines.ts';
import { formatMs } from '../../report/format.ts';
import type { Codec } from '../../sequence/codec/codec.ts';
import type { Aim, PlannedFault } from '../planned-fault.ts';
import type { Seen } from '../seen.ts';
import { slownessOf } from '../slowness.ts';
import { consentFor } from './consent.ts';
import { frameCorruptions } from './corruptions.ts';
import { isEvent } from './events.ts';
import { agrees } from './patterns.ts';
import type { FrameTarget } from './targets.ts';

const ordinal = new Intl.PluralRules('en-US', { type: 'ordinal' });
const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' };

const nthOf = (n: number): string => `${n}${endings[ordinal.select(n)] ?? 'th'}`;

const nameOf = ({ label, when, match, frame }: FrameTarget, websockets: number): string => {
  const where = websockets > 1 ? ` of websocket ${frame.connection}` : '';
  const since = match.after === undefined ? '' : ` after the ${nthOf(match.after)} that was sent`;
  const nth = nthOf('n' in when ? when.n : 1);
  return when.kind === 'from' ? `each ${label}${where} from the ${nth} on` : `the ${nth} ${label}${where}${since}`;
};

const aimAt = (target: FrameTarget, seen: Seen): Aim => {
  const { step, frame, match, when } = target;
  const websockets = new Set(seen.frames.map(({ connection, origin }) => `${connection} ${origin}`)).size;
  return (kind, action, tell) => ({
    kind,
    origin: frame.origin,
    fault: { layer: 'frame', ...action, when, match },
    step: target.claimed ? step.name : '',
    told: tell(nameOf(target, websockets)),
  });
};

/** Limits of the latency invariants that end with this message. */
const limitsOn = ({ message }: FrameTarget, { invariants }: ProbePlan, engines: MatchEngines): readonly number[] =>
  invariants.flatMap((one) =>
    one.kind === 'latency' && agrees(one.until, message, engines) ? Object.values(one.limits) : [],
  );

const delayed = (target: FrameTarget, probe: ProbePlan, engines: MatchEngines, aim: Aim): PlannedFault => {
  const { delayMs, limitMs } = slownessOf(probe, target.step, limitsOn(target, probe, engines));
  const over = limitMs === undefined ? 'which no limit of the probe forbids' : `over the limit of ${formatMs(limitMs)}`;
  const action = { action: 'delay', delay: { kind: 'constant', ms: delayMs } } as const;
  return aim('slow', action, (name) => `${name} comes ${formatMs(delayMs)} later, ${over}`);
};

/** How long a frame waits for the next to overtake it. */
const reorderWithinMs = 1_000;

/** What can go wrong with a frame. */
export const frameFaults = (
  target: FrameTarget,
  probe: ProbePlan,
  seen: Seen,
  { engines, codec }: { readonly engines: MatchEngines; readonly codec: Codec },
): readonly PlannedFault[] => {
  const aim = aimAt(target, seen);
  const event = isEvent(target.message);
  const consent = consentFor(target, probe, seen, codec);
  const reorder = { action: 'reorder', withinMs: reorderWithinMs } as const;
  const ofStream = [
    ...(event ? [aim('duplicate', { action: 'duplicate' }, (name) => `${name} comes twice`)] : []),
    ...(event && target.isFollowed ? [aim('reorder', reorder, (name) => `${name} comes after the next`)] : []),
  ];
  const drop = aim('drop', { action: 'drop' }, (name) => `${name} never comes`);
  if (!target.claimed) return [drop, ...ofStream, ...frameCorruptions(target, probe, seen, engines, aim)];
  return [
    drop,
    ...ofStream,
    delayed(target, probe, engines, aim),
    ...(consent
      ? [aim('accept', { action: 'merge', patch: consent }, () => `what must be refused (${target.label}) is accepted`)]
      : []),
    aim('silence', { action: 'silence', at: 'before' }, (name) => `nothing more comes, in place of ${name}`),
    aim('cut', { action: 'cut', at: 'before' }, (name) => `the connection breaks off in place of ${name}`),
    ...frameCorruptions(target, probe, seen, engines, aim),
  ];
};

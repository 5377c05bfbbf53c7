import { judgeObserved } from '../../../drill/observation.ts';
import type { StreamCheck, Watched } from '../../../drill/ports.ts';
import type { Area, Finding, StreamHead } from '../../../drill/record.ts';
import { judgeReplay, type ReplayedStream, type StreamEvent } from '../../../sequence/replay.ts';
import { checkAcks } from './ack.ts';
import type { Following, Unfollowed } from './following.ts';
import { eventsOf, judgePrefix, judgeResumption, logOf, type Told } from './log.ts';
import { type Replay, replay } from './replay.ts';

const finding = (area: Area, check: string, told: Told): Finding => ({ area, check, ...told });

/** A frame belongs to a connection that is gone with the drill: its cursor is what one can look for. */
const cursorsOf = (frames: readonly number[], events: readonly StreamEvent[]): readonly string[] =>
  frames.flatMap((n) => {
    const event = events.find((one) => one.n === n);
    return event ? [`cursor ${JSON.stringify(event.message.cursor ?? null)}`] : [];
  });

const judgeOrder = (stream: string, came: Replay, { plan, conversation }: Following): readonly Finding[] => {
  const { redact } = conversation.context;
  const { events: replayed, startN } = came;
  const base = { stream, from: plan.from, startN, live: [], lost: 0 };
  const look = (check: string, assertion: Parameters<typeof judgeReplay>[0], one: ReplayedStream): Finding => {
    const { result, sentence, frames } = judgeReplay(assertion, one, redact);
    const witnesses = result === 'fail' ? cursorsOf(frames, replayed).map(redact) : [];
    return finding('order', check, { result, actual: sentence, witnesses });
  };
  const cursors = { ...base, replayed };
  // The order over all streams is told by sequence numbers, where the protocol has them.
  const sequences = replayed.flatMap((event) => {
    const { sequence } = event.message;
    return sequence === undefined ? [] : [{ ...event, message: { ...event.message, cursor: sequence } }];
  });
  return [
    ...(plan.sparse ? [] : [look(`cursors of ${stream} leave nothing out`, 'gapless', cursors)]),
    look(`no event of ${stream} comes twice`, 'noDuplicates', cursors),
    ...(sequences.length > 0
      ? [
          look(`sequence numbers of ${stream} ascend`, 'ascending', { ...base, replayed: sequences }),
          look(`no sequence number of ${stream} is used twice`, 'noDuplicates', { ...base, replayed: sequences }),
        ]
      : []),
  ];
};

const judgeEpoch = (before: StreamHead, { epoch }: Replay, { conversation }: Following): readonly Finding[] => {
  const check = `${before.stream} has the epoch that it had`;
  const { redact } = conversation.context;
  if (before.epoch === undefined && epoch === undefined) return [];
  const actual = `${redact(before.epoch ?? 'none')} before, ${redact(epoch ?? 'none')} now`;
  if (before.epoch === undefined || epoch === undefined)
    return [finding('streams', check, { result: 'inconclusive', actual, witnesses: [] })];
  const kept = before.epoch === epoch;
  const witnesses = kept ? [] : [before.epoch, epoch].map(redact);
  return [finding('streams', check, { result: kept ? 'pass' : 'fail', actual, witnesses })];
};

/** Goes on from where a client was before the restart, as one that reconnects does. */
const checkResumption = async (
  before: StreamHead,
  whole: Replay,
  following: Following,
): Promise<readonly Finding[]> => {
  const { stream, events } = before;
  const cursor = events.at(-1)?.cursor;
  if (cursor === undefined || cursor === null) return [];
  const { redact } = following.conversation.context;
  const check = `a client of ${stream} goes on from where it was`;
  const last = whole.events.at(-1)?.message.cursor;
  const resumed = await replay({ stream, from: cursor, ...(last === undefined ? {} : { last }) }, following);
  if ('problem' in resumed) {
    const result = resumed.ours ? 'inconclusive' : 'fail';
    return [finding('streams', check, { result, actual: redact(resumed.problem), witnesses: [] })];
  }
  return [finding('streams', check, judgeResumption(cursor, logOf(resumed.events), logOf(whole.events), redact))];
};

const followedCheck = (stream: string): string => `${stream} can be followed`;

/** What a stream that cannot be followed leaves untold, and why. */
export const unfollowed = (stream: string, { problem, ours }: Unfollowed): readonly Finding[] => [
  finding('streams', followedCheck(stream), {
    result: ours ? 'inconclusive' : 'fail',
    actual: problem,
    witnesses: [],
  }),
];

/** Replays a stream and holds it against what it was before, and what a live client saw of it. */
export const checkLog = async (
  before: StreamHead,
  watched: Watched,
  following: Following,
): Promise<StreamCheck | Unfollowed> => {
  const { stream, events } = before;
  const last = events.at(-1)?.cursor ?? undefined;
  const wanted = { stream, from: following.plan.from, ...(last === undefined ? {} : { last }) };
  const whole = await replay(wanted, following);
  if ('problem' in whole) return whole;
  const { redact } = following.conversation.context;
  const actual = `${whole.events.length} events were replayed`;
  const log = eventsOf(whole.events, watched.idPrefix);
  const findings = [
    finding('streams', followedCheck(stream), { result: 'pass', actual, witnesses: [] }),
    finding('order', `${stream} begins as it was before the restart`, judgePrefix(events, log, redact)),
    ...judgeOrder(stream, whole, following),
    ...judgeEpoch(before, whole, following),
    ...judgeObserved(before, watched, log, redact),
    ...(await checkResumption(before, whole, following)),
    ...(await checkAcks(before, following)).map((one): Finding => ({ area: 'streams', ...one })),
  ];
  return { findings, named: log.flatMap(({ entries }) => entries) };
};

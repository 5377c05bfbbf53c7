import type { DeployedService } from '../dispatch/deployed.ts';
import { occasionOf } from '../dispatch/late.ts';
import type { DeadLetter, WorkItem, WorkMessage } from '../dispatch/message.ts';
import { readDeadLetter } from '../dispatch/read-message.ts';
import { recordUnrun } from '../judge/run.ts';
import { keepRun } from '../monitor/keep.ts';
import { type JudgeDeps, stepRun } from '../monitor/step.ts';
import type { Clock } from '../probe/prober.ts';
import type { Store } from '../result/store.ts';
import { shiftClock } from './clock.ts';
import { unzipRun } from './dead-letters.ts';
import type { Events } from './events.ts';
import { wordsOf } from './log.ts';
import { type Held, readLetters } from './replay/letters.ts';
import { undelivered } from './replay/undelivered.ts';
import type { LeftSamples } from './samples.ts';
import type { SQSClient } from './sdk/sqs.ts';
import { type OpenKept, openKeeping } from './work/keeping.ts';

export type ReplayOptions = {
  readonly dryRun?: boolean;
  /** Asked once, after all else, whether what is kept may be deleted. Absent: it stays. */
  readonly discard?: (kept: readonly Replayed[]) => Promise<boolean>;
};

export type ReplayDeps = {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly region: string;
  readonly clock: Clock;
  readonly openKept: OpenKept;
  readonly restoreSamples: (samples: LeftSamples) => Promise<void>;
  readonly events: Events;
};

/** What became of a message of the dead-letter queue. */
export type Replayed = {
  /** Of the message: one that was told as `kept` is told once more when it was discarded. */
  readonly id: string;
  /** `work`: never made; SQS gave up delivering it. `poison`: of no form that we know. */
  readonly kind: DeadLetter['kind'] | 'work';
  /**
   * `written`: it is on record now; `known`: it was already. Both are gone from the queue. `kept`: no replay will ever write it,
   * and a person has to look at it; `discarded`: it was kept, and is gone. `failed`: it could not be written, and is still
   * there; so is everything in a dry run, which says `found`.
   */
  readonly outcome: 'written' | 'known' | 'kept' | 'discarded' | 'failed' | 'found';
  /** When it became a letter, or was sent to the work queue; ISO. */
  readonly at: string;
  /** The run, the object or the message that it is about. */
  readonly subject: string;
  /** Why it was there, or why it still is. */
  readonly reason: string;
};

type Letter = DeadLetter | (WorkMessage & { readonly kind: 'work' });
type Written = Pick<Replayed, 'outcome'>;
type RunLetter = Extract<DeadLetter, { kind: 'run' }>;

const nameItem = ({ probe, slot }: WorkItem): string => `${probe.id} of ${slot}`;

const subjectOf = (letter: Letter, id: string): string => {
  if (letter.kind === 'run') return nameItem(letter.item);
  if (letter.kind === 'samples') return letter.key;
  return letter.kind === 'work' ? letter.items.map(nameItem).join(', ') : `message ${id}`;
};

const reasonOf = (letter: Letter): string =>
  letter.kind === 'work' ? 'it was delivered again and again, and never worked off' : letter.reason;

const judgingOf = ({ service, maintenance, keys }: DeployedService, store: Store): JudgeDeps => ({
  store,
  service,
  maintenance,
  keys,
});

/** Keeps, judges and tells, as if it had just been measured; done twice, it changes nothing. */
const writeRun = async ({ service, item, run }: RunLetter, deps: ReplayDeps): Promise<Written> => {
  const keeping = openKeeping(deps.openKept, service, [item], deps.clock);
  const stored = await unzipRun(run);
  const { alarm } = await keepRun(item.probe, stored, judgingOf(service, keeping.store));
  await deps.events.put(alarm.events);
  for (const samples of await keeping.flush(20_000)) await deps.restoreSamples(samples);
  return { outcome: keeping.isNew(stored.run.runId) ? 'written' : 'known' };
};

/** Runs that were never made go on record as late. One that is on record may lack its alarm, as where it was killed. */
const writeWork = async ({ service, items, shiftMs = 0 }: WorkMessage, deps: ReplayDeps): Promise<Written> => {
  const clock = shiftClock(deps.clock, shiftMs);
  const { store, isNew } = openKeeping(deps.openKept, service, items, clock);
  let written = false;
  for (const item of items) {
    const occasion = occasionOf(item, deps.region, service.environment, clock.now());
    const unrun = recordUnrun(item.probe, occasion, 'late', 'its message was never worked off', clock.now());
    await store.put(unrun);
    written ||= isNew(unrun.run.runId);
    const known = isNew(unrun.run.runId) ? undefined : await store.get(unrun.run.runId);
    if (known) await deps.events.put((await stepRun(item.probe, known, judgingOf(service, store))).events);
  }
  return { outcome: written ? 'written' : 'known' };
};

const write = async (letter: Exclude<Letter, { kind: 'poison' }>, deps: ReplayDeps): Promise<Written> => {
  if (letter.kind === 'run') return writeRun(letter, deps);
  if (letter.kind === 'work') return writeWork(letter, deps);
  await deps.restoreSamples({ key: letter.key, body: Buffer.from(letter.body, 'base64') });
  return { outcome: 'written' };
};

/** A letter that a replay can write, or what is to be said of one that none ever will. */
type Sorted = { readonly letter: Exclude<Letter, { kind: 'poison' }>; readonly told: Told } | { readonly kept: Told };
type Told = Omit<Replayed, 'outcome'>;

const sort = async (held: Held): Promise<Sorted> => {
  const { id, body, sentAt } = held;
  const read = readDeadLetter(body);
  const unread = { id, kind: 'poison', at: sentAt, subject: `message ${id}` } as const;
  if (!read.ok) return { kept: { ...unread, reason: undelivered(held) ?? read.message } };
  const letter = read.value;
  const at = letter.kind === 'work' ? sentAt : letter.at;
  const told = { id, kind: letter.kind, at, subject: subjectOf(letter, id), reason: reasonOf(letter) };
  if (letter.kind === 'poison') return { kept: told };
  const damage = letter.kind === 'run' ? await damageOf(letter) : undefined;
  return damage === undefined ? { letter, told } : { kept: { ...told, reason: `${told.reason}; ${damage}` } };
};

const damageOf = ({ run }: RunLetter): Promise<string | undefined> =>
  unzipRun(run).then(
    () => undefined,
    (error: unknown) => `its run cannot be read: ${wordsOf(error)}`,
  );

const replay = async (held: Held, dryRun: boolean, deps: ReplayDeps): Promise<Replayed> => {
  const sorted = await sort(held);
  if ('kept' in sorted) return { ...sorted.kept, outcome: 'kept' };
  const { letter, told } = sorted;
  if (dryRun) return { ...told, outcome: 'found' };
  try {
    const { outcome } = await write(letter, deps);
    await held.remove();
    return { ...told, outcome };
  } catch (error) {
    return { ...told, outcome: 'failed', reason: wordsOf(error) };
  }
};

type Left = { readonly held: Held; readonly replayed: Replayed };

const discardOne = async ({ held, replayed }: Left): Promise<Replayed> => {
  try {
    await held.remove();
    return { ...replayed, outcome: 'discarded' };
  } catch (error) {
    return { ...replayed, reason: `it could not be discarded: ${wordsOf(error)}` };
  }
};

/**
 * Writes what the dead-letter queue holds, one message after another: runs are kept, judged and told, raw samples go where
 * they belong. Only what is written leaves the queue, and at its end what is discarded; the rest is visible to others again
 * when this ends.
 */
export async function* replayDeadLetters(
  deps: ReplayDeps,
  { dryRun = false, discard = async () => false }: ReplayOptions = {},
): AsyncGenerator<Replayed> {
  const left: Left[] = [];
  try {
    for await (const held of readLetters(deps.sqs, deps.queueUrl)) {
      const replayed = await replay(held, dryRun, deps);
      if (replayed.outcome !== 'written' && replayed.outcome !== 'known') left.push({ held, replayed });
      yield replayed;
    }
    const kept = left.filter(({ replayed }) => replayed.outcome === 'kept');
    const wanted = !dryRun && kept.length > 0 && (await discard(kept.map(({ replayed }) => replayed)));
    if (wanted) for (const one of kept) yield await discardOne(one);
  } finally {
    // Where that fails, they come back by themselves after some minutes; of one that is gone it means nothing.
    await Promise.allSettled(left.map(({ held }) => held.giveBack()));
  }
}

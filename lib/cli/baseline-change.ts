import type { ProbePlan } from '../config/plan.ts';
import { nearest } from '../config/problem.ts';
import { acceptedLevelOf, type BaselineChange, changeBaseline, type PersonalAct } from '../judge/baseline-act.ts';
import { formatMs } from '../report/format.ts';
import { plainLine } from '../report/plain.ts';
import type { BaselineDocument, Store } from '../result/store.ts';
import { type BaselineOptions, withBaselines } from './baseline.ts';
import { systemClock } from './clock.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { chooseProbes } from './load-plan.ts';
import type { Terminal } from './terminal.ts';
import { readWho, readWord } from './words.ts';

export type BaselineChangeOptions = Omit<BaselineOptions, 'json'> & {
  readonly by?: string;
  readonly why?: string;
  readonly series?: string;
  /** Every probe that has a baseline. */
  readonly all?: boolean;
};

/** The act, and how it is asked for. */
const acts = { accept: 'accepted', pin: 'pinned', unpin: 'unpinned', clear: 'cleared' } as const satisfies Readonly<
  Record<string, PersonalAct>
>;
export type BaselineVerb = keyof typeof acts;

/** Who decides, and why: a baseline outlives the memory of those who changed it. */
const readAuthor = (
  verb: BaselineVerb,
  options: BaselineChangeOptions,
  terminal: Terminal,
): Pick<BaselineChange, 'who' | 'why'> => {
  const who = readWho(options.by, terminal);
  if (who === undefined) throw new CommandError('nobody knows who you are here: say it with --by NAME');
  const why = readWord(options.why, '--why');
  if (why === undefined && verb !== 'unpin') {
    const example = {
      accept: 'the new index is slower, and that is fine',
      pin: 'load tests this week',
      clear: 'moved',
    };
    throw new CommandError(`say why, for those who read it later: --why '${example[verb]}'`);
  }
  return { who, why: why ?? '' };
};

/** Read, change and write again: a watch may have written in between. */
const mostTries = 10;

const requireSeries = (document: BaselineDocument, series: string | undefined): void => {
  if (series === undefined || document.series[series]) return;
  const known = Object.keys(document.series);
  const near = nearest(series, known);
  const remedy = near === undefined ? `it has ${known.join(', ') || 'none yet'}` : `did you mean ${near}?`;
  throw new CommandError(`${document.probe} has no series ${series}: ${remedy}`);
};

const requireBaseline = async (store: Store, probe: string): Promise<BaselineDocument> => {
  const document = await store.baseline(probe);
  if (!document) throw new CommandError(`${probe} has no baseline yet: it is learnt from scheduled runs`);
  return document;
};

type Changed = { readonly before: BaselineDocument; readonly after: BaselineDocument | undefined };

const changeStored = async (store: Store, probe: string, change: BaselineChange): Promise<Changed> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = await requireBaseline(store, probe);
    requireSeries(before, change.series);
    const after = changeBaseline(before, change);
    if (!after || (await store.putBaseline(after)) === 'stored') return { before, after };
  }
  throw new CommandError(`the baseline of ${probe} changes all the time: try again`, exitCodes.inconclusive);
};

const unchanged: Readonly<Record<PersonalAct, string>> = {
  accepted: 'has no level to accept yet',
  pinned: 'was pinned already',
  unpinned: 'was not pinned',
  cleared: 'has nothing to forget',
};

const levelWords = (before: BaselineDocument, after: BaselineDocument): string => {
  const words = Object.keys(after.series).flatMap((name) => {
    const [from, to] = [before, after].map(({ series }) => (series[name] ? acceptedLevelOf(series[name]) : null));
    if (before.series[name] === after.series[name] || !to) return [];
    return [`${name} ${from ? `${formatMs(from)} → ` : ''}${formatMs(to)}`];
  });
  return words.join(', ');
};

const describeChange = ({ before, after }: Changed, change: BaselineChange): string => {
  const { act, series } = change;
  const what = series === undefined ? before.probe : `${before.probe}, ${series}`;
  if (!after) return `${what} ${unchanged[act]}`;
  switch (act) {
    case 'accepted':
      return `${what}: the level of now is the baseline, at p95: ${levelWords(before, after)}`;
    case 'pinned':
      return `${what}: pinned; it learns nothing more until plimsoll baseline unpin`;
    case 'unpinned':
      return `${what}: unpinned; it learns from good runs again`;
    case 'cleared':
      return `${what}: forgotten; the next run is the first`;
  }
};

/** `plimsoll baseline accept|pin|unpin|clear probe…`: on record with who and why. A watch takes it up with its next run. */
export const changeBaselines = (
  verb: BaselineVerb,
  ids: readonly string[],
  options: BaselineChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  if (ids.length === 0 && !options.all) throw new CommandError(`name the probes to ${verb}, or write --all`);
  if (ids.length > 0 && options.all) throw new CommandError('either name probes, or write --all');
  const author = readAuthor(verb, options, terminal);
  const series = readWord(options.series, '--series');
  return withBaselines(options, terminal, async (store, plan) => {
    const probes = chooseProbes(plan, ids);
    const change: BaselineChange = {
      act: acts[verb],
      at: new Date(systemClock.now()).toISOString(),
      ...author,
      ...(series === undefined ? {} : { series }),
    };
    // Nothing is changed where one of them cannot be.
    const chosen = options.all ? await learnt(store, probes) : probes;
    for (const { id } of chosen) requireSeries(await requireBaseline(store, id), series);
    for (const { id } of chosen) {
      terminal.out(`${plainLine(describeChange(await changeStored(store, id, change), change))}\n`);
    }
    return exitCodes.good;
  });
};

/** Those of all probes that have a baseline. */
const learnt = async (store: Store, probes: readonly ProbePlan[]): Promise<readonly ProbePlan[]> => {
  const known = new Set((await store.baselines()).map(({ probe }) => probe));
  const found = probes.filter(({ id }) => known.has(id));
  if (found.length === 0) throw new CommandError('no probe has a baseline yet: they are learnt from scheduled runs');
  return found;
};

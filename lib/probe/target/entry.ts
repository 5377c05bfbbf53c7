import type { LedgerPlan, RequestStep } from '../../config/plan.ts';
import { templateNames } from '../../config/templates.ts';
import type { Entry, Reading } from '../../drill/record.ts';
import { checkAnswer } from '../expect.ts';
import type { Performed } from '../http.ts';
import type { Values } from '../session.ts';
import { type Asking, problemOf } from './asking.ts';
import { digestBytes, digestJson } from './digest.ts';
import type { ReadListing } from './listing.ts';

export type EntryDeps = { readonly ledger: LedgerPlan; readonly asking: Asking; readonly listing: ReadListing };

const valuesOf = ({ id, captures }: Pick<Entry, 'id' | 'captures'>, { context }: Asking): Values =>
  new Map([...context.values, ...Object.entries(captures), ['entry.id', id]]);

const missingIn = ({ request }: RequestStep, values: Values): readonly string[] =>
  templateNames(request).filter((name) => !values.has(name));

/** What a server answers that has not made up its mind: overloaded, or given up half-way (RFC 9110 §15.5.9, §15.6). */
const isUndecided = (status: number): boolean => status >= 500 || status === 408;

type Outcome = Pick<Entry, 'outcome' | 'captures' | 'problem'>;

/**
 * What a write's answer says. Only a status of 4xx says no: what answered anything else that was not expected may have
 * written all the same.
 */
const outcomeOf = (performed: Performed): Outcome => {
  const { outcome, answer } = performed;
  const problem = problemOf(performed);
  if (problem === undefined) return { outcome: 'acknowledged', captures: outcome.captures };
  const status = answer?.response.status;
  const refused = status !== undefined && status >= 400 && !isUndecided(status);
  return { outcome: refused ? 'refused' : 'unknown', captures: outcome.captures, problem };
};

/** Writes an entry. Whatever happens it answers: what was sent may have been written, and must be looked for. */
export const writeEntry = async (
  { id, phase }: Pick<Entry, 'id' | 'phase'>,
  { ledger, asking }: EntryDeps,
  signal: AbortSignal,
): Promise<Entry> => {
  const { clock } = asking.context;
  const invokedAt = clock.now();
  let outcome: Outcome;
  try {
    outcome = outcomeOf(await asking.ask(ledger.write, valuesOf({ id, captures: {} }, asking), signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    outcome = { outcome: 'unknown', captures: {}, problem: 'the drill ended before an answer came' };
  }
  return { id, phase, invokedAt, endedAt: clock.now(), ...outcome };
};

const isAbsent = async (performed: Performed, values: Values, { ledger, asking }: EntryDeps): Promise<boolean> => {
  if (!performed.answer) return false;
  const checks = checkAnswer(ledger.read.absent, performed.answer, values, await asking.engines(), asking.context);
  return checks.every(({ result }) => result === 'pass');
};

/** Equal where the content is: what the read captures where it does, else the whole answer. */
const digestOf = ({ outcome, answer }: Performed): string | undefined => {
  if (Object.keys(outcome.captures).length > 0) return digestJson(outcome.captures);
  if (!answer) return undefined;
  const read = answer.json();
  return 'document' in read ? digestJson(read.document) : digestBytes(answer.response.body);
};

type Found = Pick<Reading, 'found' | 'digest' | 'problem'>;

const judgeReading = async (performed: Performed, values: Values, deps: EntryDeps): Promise<Found> => {
  // Asked first: a service may answer 200 for what it does not have.
  if (await isAbsent(performed, values, deps)) return { found: 'absent' };
  const problem = problemOf(performed);
  const digest = digestOf(performed);
  const shown = digest === undefined ? {} : { digest };
  if (problem === undefined) return { found: 'present', ...shown };
  const { answer, outcome } = performed;
  const broken = !answer || isUndecided(answer.response.status) || answer.response.status === 429;
  // Present, but what is its content is not there to be captured.
  if (outcome.failure && !broken) return { found: 'different', problem };
  return broken ? { found: 'unreadable', problem } : { found: 'different', ...shown, problem };
};

/** An entry whose write nobody answered has no place that could be asked for; a listing knows it by its id. */
const readByListing = async (
  { id }: Entry,
  missing: readonly string[],
  { listing }: EntryDeps,
  signal: AbortSignal,
): Promise<Found> => {
  const listed = await listing(signal);
  const unknown = `no answer to its write gave {{${missing[0]}}}`;
  if (listed === undefined) return { found: 'unreadable', problem: unknown };
  if ('problem' in listed) return { found: 'unreadable', problem: `${unknown}, and ${listed.problem}` };
  return { found: listed.includes(id) ? 'present' : 'absent' };
};

/** What was never written has captured nothing: its own id stands for all that its place could be called. */
const withStandIns = (entry: Entry, { ledger, asking }: EntryDeps): Values => {
  const values = valuesOf(entry, asking);
  if (entry.phase !== 'ghost') return values;
  return new Map([...missingIn(ledger.read, values).map((name) => [name, entry.id] as const), ...values]);
};

export const readEntry = async (entry: Entry, deps: EntryDeps, signal: AbortSignal): Promise<Reading> => {
  const { ledger, asking } = deps;
  const values = withStandIns(entry, deps);
  const missing = missingIn(ledger.read, values);
  const found =
    missing.length > 0
      ? await readByListing(entry, missing, deps, signal)
      : await judgeReading(await asking.ask(ledger.read, values, signal), values, deps);
  return { id: entry.id, at: asking.context.clock.now(), ...found };
};

import type { RequestStep } from '../../config/plan.ts';
import { templateNames } from '../../config/templates.ts';
import type { Entry } from '../../drill/record.ts';
import type { Values } from '../session.ts';
import { problemOf } from './asking.ts';
import { type EntryDeps, writeEntry } from './entry.ts';

type Removed = { readonly problem?: string };

/** Doing it again changes nothing: PUT by its definition (RFC 9110 §9.2.2), else by a key of the entry's in a header. */
const mayRepeat = ({ request }: RequestStep): boolean =>
  request.method === 'PUT' || templateNames(request.headers).includes('entry.id');

/** What says where an entry is, for one whose write was not answered: the same write once more, under the same key. */
const findAgain = async (entry: Entry, deps: EntryDeps, signal: AbortSignal): Promise<Entry | Removed> => {
  const listed = await deps.listing(signal);
  if (listed !== undefined && !('problem' in listed) && !listed.includes(entry.id)) return {};
  const nowhere = 'no answer to its write says where it is';
  if (!mayRepeat(deps.ledger.write)) return { problem: `${nowhere}, and the write has no idempotency key to ask by` };
  const again = await writeEntry(entry, deps, signal);
  return again.outcome === 'acknowledged'
    ? again
    : { problem: `${nowhere}, and asked again: ${again.problem ?? again.outcome}` };
};

const gone = new Set([404, 410]);

const remove = async (step: RequestStep, values: Values, { asking }: EntryDeps, signal: AbortSignal) => {
  const performed = await asking.ask(step, values, signal);
  const problem = problemOf(performed);
  return problem === undefined || gone.has(performed.answer?.response.status ?? 0) ? {} : { problem };
};

/** Removes an entry; one that is not there any more is removed. */
export const removeEntry = async (entry: Entry, deps: EntryDeps, signal: AbortSignal): Promise<Removed> => {
  const step = deps.ledger.remove;
  if (entry.phase === 'ghost') return {};
  if (!step) return { problem: 'the ledger has no step that removes' };
  const valuesOf = ({ id, captures }: Entry): Values =>
    new Map([...deps.asking.context.values, ...Object.entries(captures), ['entry.id', id]]);
  const isPlaced = (one: Entry) => templateNames(step.request).every((name) => valuesOf(one).has(name));
  if (isPlaced(entry)) return remove(step, valuesOf(entry), deps, signal);
  const found = await findAgain(entry, deps, signal);
  return 'id' in found ? remove(step, valuesOf(found), deps, signal) : found;
};

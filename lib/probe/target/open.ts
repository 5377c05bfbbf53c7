import type { TargetPlan } from '../../config/plan.ts';
import type { Target } from '../../drill/ports.ts';
import type { Finding } from '../../drill/record.ts';
import type { ProbeContext } from '../prober.ts';
import { createAsking, getStep, problemOf } from './asking.ts';
import { readEntry, writeEntry } from './entry.ts';
import { identify } from './identity.ts';
import { createListing } from './listing.ts';
import { checkProjection } from './projection.ts';
import { removeEntry } from './removal.ts';
import { createStreams } from './stream/streams.ts';

const readyTimeoutMs = 5000;

const inTurn = async <T>(items: readonly T[], look: (item: T) => Promise<Finding>): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const item of items) findings.push(await look(item));
  return findings;
};

/**
 * A target as its plan describes it, whatever it is: requests and a websocket protocol by config alone. A sick target is
 * a value; all but `write` reject when the signal aborts.
 */
export const openTarget = (plan: TargetPlan, context: ProbeContext): Target => {
  const asking = createAsking(plan, context);
  const { ledger } = plan;
  const listing = createListing(ledger?.list, asking);
  const streams = createStreams(ledger?.follow, context);
  const withLedger = <T>(use: (deps: Parameters<typeof readEntry>[1]) => Promise<T>): Promise<T> => {
    if (!ledger) throw new Error('a target without a ledger was asked for an entry: the config refuses such a drill');
    return use({ ledger, asking, listing });
  };
  return {
    write: (entry, signal) => withLedger((deps) => writeEntry(entry, deps, signal)),
    read: (entry, signal) => withLedger((deps) => readEntry(entry, deps, signal)),
    list: listing,
    remove: (entry, signal) => withLedger((deps) => removeEntry(entry, deps, signal)),
    identify: (signal) => identify(plan.identity, asking, signal),
    ready: async (signal) => {
      const url = plan.ready ?? plan.identity?.url;
      if (url === undefined) return {};
      const headers = plan.ready === undefined ? (plan.identity?.headers ?? {}) : {};
      const performed = await asking.ask(getStep('ready', url, headers, readyTimeoutMs), context.values, signal);
      const status = performed.answer?.response.status ?? 0;
      const problem = problemOf(performed) ?? (status >= 300 ? `it answered ${status}` : undefined);
      return problem === undefined ? {} : { problem };
    },
    projections: (signal) => inTurn(ledger?.projections ?? [], (step) => checkProjection(step, asking, signal)),
    head: streams.head,
    checkStream: streams.check,
    observe: streams.observe,
  };
};

import { problemWith } from '../operation-problem.ts';
import type { Place } from '../place.ts';
import type { FollowPlan, LedgerPlan, RequestStep } from '../plan.ts';
import type { RequestStepInput, TargetInput } from '../schema/config.ts';
import { compileCodec } from './codec.ts';
import { compileExpectation, expectsNothing } from './expectation.ts';
import { checkJsonPath } from './json-path.ts';
import { probeDefaults } from './probe.ts';
import { checkUrl, compileRequestStep } from './request.ts';
import { given, readDuration, readHeaders } from './values.ts';

type LedgerInput = NonNullable<TargetInput['ledger']>;

const ledgerDefaults = { ratePerS: 5, quietMs: 1000 } as const;

const ledgerStep = (step: RequestStepInput, name: string, place: Place): RequestStep =>
  compileRequestStep(step, place, {
    name,
    timeoutMs: probeDefaults.timeoutMs,
    deadlineMs: probeDefaults.longestDeadlineMs,
  });

const compileRead = (input: LedgerInput['read'], place: Place): LedgerPlan['read'] => {
  const { absent: absentInput, ...read } = input;
  const absent = compileExpectation(absentInput, place.at('absent'));
  if (expectsNothing(absent) && place.isWhole(absentInput)) {
    place.at('absent').refuse('expects nothing', { remedy: 'say how absence reads, such as { status: 404 }' });
  }
  return { ...ledgerStep(read, 'read', place), absent };
};

const compileList = (input: NonNullable<LedgerInput['list']>, place: Place): NonNullable<LedgerPlan['list']> => {
  const { ids, next, ...list } = input;
  if (ids !== undefined) checkJsonPath(ids, place.at('ids'));
  else if (place.isWhole(input)) {
    const remedy = "write the JSONPath that finds each entry's id, such as ids: '$.items[*].title'";
    place.refuse('lists no ids', { remedy });
  }
  if (next) checkJsonPath(next.json, place.at('next', 'json'));
  return {
    ...ledgerStep(list, 'list', place),
    ...given('ids', ids),
    ...given('next', next && { query: next.query, path: next.json }),
  };
};

const compileFollow = (input: NonNullable<LedgerInput['follow']>, place: Place): FollowPlan => {
  checkUrl(input.url, place.at('url'), ['ws', 'wss']);
  const codec = compileCodec(input.codec, place.at('codec'));
  const from = input.from ?? 0;
  const problem = problemWith(codec, { do: 'subscribe', stream: 'stream', cursor: from });
  if (problem && place.isWhole(input)) {
    const { message, remedy } = problem;
    place.at('codec').refuse(message, { remedy });
  }
  return {
    url: input.url,
    headers: readHeaders(input.headers, place.at('headers')),
    codec,
    from,
    sparse: input.sparse ?? false,
    staleAck: input.staleAck ?? 'any',
    quietMs: readDuration(input.quiet, place.at('quiet')) ?? ledgerDefaults.quietMs,
  };
};

const compileProjections = (steps: LedgerInput['projections'], place: Place): readonly RequestStep[] => {
  const seen = new Set<string>();
  return place.items(steps).map(([input, at], index) => {
    const step = ledgerStep(input, `projection ${index + 1}`, at);
    if (expectsNothing(step.expect) && at.isWhole(input)) {
      const remedy = "say how it reads when it agrees, such as expect: { json: { '$.consistent': true } }";
      at.refuse('expects nothing, and so agrees with anything', { remedy });
    }
    if (seen.has(step.name))
      at.at('name').refuse('is the name of another projection', { got: step.name, remedy: 'give each its own' });
    seen.add(step.name);
    return step;
  });
};

/** More would be a load test, less than one a minute none at all. */
const [lowestRate, highestRate] = [1 / 60, 50] as const;

const readRate = (rate: number | undefined, place: Place): number => {
  if (rate !== undefined && (rate < lowestRate || rate > highestRate))
    place.refuse('must be from one a minute to 50 a second', { got: rate });
  return rate ?? ledgerDefaults.ratePerS;
};

export const compileLedger = (ledger: LedgerInput, place: Place): LedgerPlan => ({
  write: ledgerStep(ledger.write, 'write', place.at('write')),
  read: compileRead(ledger.read, place.at('read')),
  ...given('remove', ledger.remove && ledgerStep(ledger.remove, 'remove', place.at('remove'))),
  ...given('list', ledger.list && compileList(ledger.list, place.at('list'))),
  streams: ledger.streams ?? [],
  ...given('follow', ledger.follow && compileFollow(ledger.follow, place.at('follow'))),
  projections: compileProjections(ledger.projections, place.at('projections')),
  ratePerS: readRate(ledger.rate, place.at('rate')),
});

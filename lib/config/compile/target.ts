import type { Place } from '../place.ts';
import type { DrillPlan, TargetPlan } from '../plan.ts';
import type { DrillInput, RequestStepInput, TargetInput } from '../schema/config.ts';
import { compileExpectation, expectsNothing } from './expectation.ts';
import { checkJsonPath } from './json-path.ts';
import { idPattern, idRemedy, probeDefaults } from './probe.ts';
import { checkUrl, compileRequestStep } from './request.ts';
import { given, readDuration, readHeaders, readSchedule } from './values.ts';

const ledgerStep = (step: RequestStepInput, name: string, place: Place) =>
  compileRequestStep(step, place.at(name), {
    name,
    timeoutMs: probeDefaults.timeoutMs,
    deadlineMs: probeDefaults.longestDeadlineMs,
  });

const compileLedger = (ledger: NonNullable<TargetInput['ledger']>, place: Place): NonNullable<TargetPlan['ledger']> => {
  const { absent: absentInput, ...read } = ledger.read;
  const absent = compileExpectation(absentInput, place.at('read', 'absent'));
  if (expectsNothing(absent) && place.isWhole(absentInput)) {
    place.at('read', 'absent').refuse('expects nothing', { remedy: 'say how absence reads, such as { status: 404 }' });
  }
  return {
    write: ledgerStep(ledger.write, 'write', place),
    read: { ...ledgerStep(read, 'read', place), absent },
    ...given('remove', ledger.remove && ledgerStep(ledger.remove, 'remove', place)),
    ...given('list', ledger.list && ledgerStep(ledger.list, 'list', place)),
    streams: ledger.streams ?? [],
  };
};

const compileIdentity = (
  identity: NonNullable<TargetInput['identity']>,
  place: Place,
): NonNullable<TargetPlan['identity']> => {
  checkUrl(identity.url, place.at('url'), ['http', 'https']);
  for (const key of ['boot', 'startedAt', 'epoch'] as const) {
    if (identity[key] !== undefined) checkJsonPath(identity[key], place.at(key));
  }
  return {
    url: identity.url,
    headers: readHeaders(identity.headers, place.at('headers')),
    boot: identity.boot,
    ...given('startedAt', identity.startedAt),
    ...given('epoch', identity.epoch),
  };
};

export const compileTarget = (target: TargetInput, place: Place): TargetPlan => {
  if (target.ready !== undefined) checkUrl(target.ready, place.at('ready'), ['http', 'https']);
  return {
    ...given('start', target.start),
    ...given('ready', target.ready),
    ...given('identity', target.identity && compileIdentity(target.identity, place.at('identity'))),
    ...given('ledger', target.ledger && compileLedger(target.ledger, place.at('ledger'))),
  };
};

const signals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT'];

export const compileDrill = (drill: DrillInput, place: Place): DrillPlan => {
  if (!idPattern.test(drill.id)) place.at('id').refuse('is not an id', { got: drill.id, remedy: idRemedy });
  const { signal } = drill.restart;
  if (drill.restart.kind === 'process' && signal !== undefined && !signals.includes(String(signal))) {
    place.at('restart', 'signal').refuse(`must be one of ${signals.join(', ')}`, { got: signal });
  }
  return {
    id: drill.id,
    target: drill.target,
    ...given('schedule', readSchedule(drill.schedule, place.at('schedule'))),
    restart: drill.restart,
    rtoMs: readDuration(drill.rto, place.at('rto')) ?? 0,
    rpoMs: readDuration(drill.rpo, place.at('rpo'), { min: 0 }) ?? 0,
  };
};

import { fails, inconclusive, passes, without } from './finding.ts';
import type { LedgerOutcome } from './ledger.ts';
import type { Controls, Finding } from './record.ts';

/** The check that an RPO may soften: its name decides between FAIL_LOST and the rest of the ledger. */
export const lossCheck = 'no acknowledged write is lost';

export const onceCheck = 'every write is there once';

const told = {
  lost: { area: 'ledger', check: lossCheck },
  corrupt: { area: 'ledger', check: 'every write that is there reads as it was written' },
  unexpected: { area: 'ledger', check: 'nothing is there that was refused, removed or never sent' },
  duplicated: { area: 'ledger', check: onceCheck },
  stale: { area: 'ledger', check: 'no acknowledged write was away for a while' },
  unread: { area: 'liveness', check: 'every acknowledged write can be read' },
  unlisted: { area: 'projections', check: 'the list shows every write that reads' },
} as const;

/** Nobody answers: nothing is known of any write, and a target that cannot be read does not do its work. */
export const unanswered = (): readonly Finding[] => [
  inconclusive(told.lost, 'the target does not answer'),
  fails(told.unread, 'the target does not answer'),
];

const listed = (outcome: LedgerOutcome, controls: Controls | undefined): readonly Finding[] => {
  if (controls?.listing !== true) {
    const why = 'no list that showed every write before the restart';
    return [inconclusive(told.duplicated, why)];
  }
  const { duplicated, unlisted } = outcome;
  return [
    without(
      told.duplicated,
      duplicated,
      'the list shows none twice',
      `the list shows ${duplicated.length} more than once`,
    ),
    without(told.unlisted, unlisted, 'it shows them all', `it lacks ${unlisted.length}`),
  ];
};

/** What a settled ledger says, check by check. */
export const ledgerFindings = (outcome: LedgerOutcome, controls: Controls | undefined): readonly Finding[] => {
  const { acknowledged, attempted, lost, corrupt, unexpected, stale, unread, recovered } = outcome;
  const kept = `${acknowledged} acknowledged of ${attempted} attempted, ${recovered.length} more recovered`;
  const away = `${stale.length} of ${acknowledged} came back later`;
  const isBlind = acknowledged === unread.length;
  const blind = acknowledged === 0 ? 'no write was acknowledged' : 'none of them could be read';
  return [
    isBlind
      ? inconclusive(told.lost, blind, unread)
      : without(
          told.lost,
          lost.map(({ id }) => id),
          kept,
          `${lost.length} of ${acknowledged} acknowledged are gone`,
        ),
    isBlind && corrupt.length === 0
      ? inconclusive(told.corrupt, blind)
      : without(told.corrupt, corrupt, 'no other content', `${corrupt.length} read otherwise`),
    without(told.unexpected, unexpected, 'nothing of that kind', `${unexpected.length} are there`),
    ...listed(outcome, controls),
    stale.length === 0 && !isBlind
      ? passes(told.stale, 'none')
      : inconclusive(told.stale, isBlind ? blind : away, stale),
    without(told.unread, unread, 'all of them', `${unread.length} of ${acknowledged} could not be read`),
  ];
};

import { onceCheck } from '../../../drill/ledger-findings.ts';
import type { DrillReport } from '../../../drill/report.ts';
import type { Verdict } from '../../../drill/verdict.ts';
import { formatCount, plural } from '../../format.ts';
import { verdictWords } from '../words.ts';

/** What a verdict tells somebody who was woken by it: what is so, and what to do about it. */
export type Meaning = { readonly says: string; readonly next: string };

const meanings: Readonly<Record<Verdict, Meaning>> = {
  PASS: {
    says: 'The target was restarted for sure, and what it had acknowledged is there, as it was written.',
    next: 'Nothing to do. What was not exercised is listed below: a PASS says nothing of it.',
  },
  DRY_RUN: {
    says: 'The drill went as far as its restart, did not ask for it, and removed what it had written.',
    next: 'Nothing to do. The call that would have been made is among the reasons.',
  },
  REFUSED: {
    says: 'A gate was closed, so the drill did not begin. The target was left alone.',
    next: 'Nothing is broken by this. Run the drill again once the reasons are gone.',
  },
  FAIL_NO_RECOVERY: {
    says: 'The restart was accepted, and full function was not seen again while the drill waited.',
    next: 'Look at the target first: it may be down at this moment. The report can wait.',
  },
  FAIL_LOST: {
    says: 'The service said yes to writes, and they are not there any more. What happened to the drill’s writes happens to those of users.',
    next: 'Treat it as data loss: find out what is acknowledged before it is stored. The lost ids are below.',
  },
  FAIL_INTEGRITY: {
    says: 'What is there is not what clients were told: other content, something twice or never accepted, or events gone that they saw.',
    next: 'Look at the failed checks; each names what shows it. Retries and recovery code are the usual places.',
  },
  FAIL_ORDER: {
    says: 'After the restart a stream does not tell the same story: events are missing, in another order, or numbered anew.',
    next: 'Consumers that resume from a cursor miss events or see them twice. The failed checks name stream and cursor.',
  },
  FAIL_PROJECTION: {
    says: 'The writes are there, and what is derived from them says something else.',
    next: 'Readers see wrong answers until it is rebuilt. The failed checks name the read model.',
  },
  FAIL_LIVENESS: {
    says: 'The target answers, but it does not do all of its work: it refuses new writes, cannot read, takes no client back, or is not as it was before.',
    next: 'Look at the target first: it may be half up at this moment.',
  },
  FAIL_RPO: {
    says: 'The newest writes are gone, as an objective above zero allows, but more of them than it allows.',
    next: 'Store more often, or agree on another objective. The lost ids are below.',
  },
  FAIL_RTO: {
    says: 'What was checked is there, but the service was away for longer than was promised.',
    next: 'Find where the time goes between the restart and the first good turn; the timeline shows it.',
  },
  INVALID_NO_RESTART: {
    says: 'Nobody can show that the target was restarted, so that everything is there proves nothing.',
    next: 'Find out why the restart had no effect: permissions, the wrong process, an identity that does not change.',
  },
  INVALID_BASELINE: {
    says: 'Before the restart the target was not as it should be, or did not say reliably who it is. It was not restarted.',
    next: 'Make the reasons go away, then drill again: what fails before a restart would be blamed on it.',
  },
  ABORTED: {
    says: 'Somebody, or an alarm, stopped the drill. It cleaned up; what it had found until then is below.',
    next: 'Look at the reason first. If the restart was asked for already, make sure that the target is well.',
  },
  INTERRUPTED: {
    says: 'The process that ran the drill died. Its lock was released and its writes removed by another.',
    next: 'Make sure that the target is well; then drill again. This run proves nothing.',
  },
  ERROR: {
    says: 'The drill did not work as it should: a state failed, or it left something behind.',
    next: 'Look at the reasons, and at what is left. Of the target this says neither good nor bad.',
  },
};

/** The headline: what `verdictWords` says, and where writes are lost how many. */
export const headline = ({ verdict, ledger }: DrillReport): string => {
  if (verdict === 'PASS' && ledger.lost > 0) return `${plural(ledger.lost, 'write')} lost, as the RPO allows`;
  if (verdict === 'FAIL_LOST' && ledger.lost > 0)
    return `${formatCount(ledger.lost)} of ${plural(ledger.acknowledged, 'acknowledged write')} ${ledger.lost === 1 ? 'is' : 'are'} gone`;
  const words = verdictWords(verdict);
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** No more than was shown: without a list nobody knows of copies, and without a stream nobody knows of an order. */
const keptWords = ({ findings }: DrillReport): string => {
  const shows = (holds: (finding: DrillReport['findings'][number]) => boolean) =>
    findings.some((finding) => finding.result === 'pass' && holds(finding));
  const words = [
    ...(shows(({ check }) => check === onceCheck) ? ['once'] : []),
    ...(shows(({ area }) => area === 'order') ? ['in order'] : []),
  ];
  return `The target was restarted for sure, and what it had acknowledged is there: ${[...words, 'as it was written'].join(', ')}.`;
};

export const meaningOf = (report: DrillReport): Meaning => {
  const { verdict, ledger } = report;
  if (verdict !== 'PASS') return meanings[verdict];
  if (ledger.lost === 0) return { ...meanings.PASS, says: keptWords(report) };
  return {
    says: 'The target was restarted for sure. Only its newest writes are gone, and none older than the RPO allows.',
    next: 'Nothing to do as long as the objective stands. The lost ids are below.',
  };
};

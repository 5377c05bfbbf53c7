import { describe, expect, it } from 'vitest';
import { onceCheck } from '../../../lib/drill/ledger-findings.ts';
import type { Finding } from '../../../lib/drill/record.ts';
import { meaningOf } from '../../../lib/report/drill/page/meaning.ts';
import { drillReport } from '../../support/drill/reports.ts';

const once = (result: Finding['result']): Finding => ({
  area: 'ledger',
  check: onceCheck,
  result,
  actual: '',
  witnesses: [],
});
const order = (result: Finding['result']): Finding => ({ ...once(result), area: 'order', check: 'in its place' });

describe('what a PASS means, in words', () => {
  const start = 'The target was restarted for sure, and what it had acknowledged is there: ';

  it.each<[string, readonly Finding[], string]>([
    [
      'says once and in order where both were shown',
      [once('pass'), order('pass')],
      'once, in order, as it was written.',
    ],
    [
      'does not say once of a target without a list',
      [once('inconclusive'), order('pass')],
      'in order, as it was written.',
    ],
    [
      'says nothing of an order where no stream showed one',
      [once('pass'), order('inconclusive')],
      'once, as it was written.',
    ],
    ['claims no more than the ledger alone shows', [], 'as it was written.'],
  ])('%s', (_, findings, words) => {
    expect(meaningOf(drillReport({ findings })).says).toBe(`${start}${words}`);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderJunit } from '../../lib/report/junit.ts';
import { plain } from '../../lib/report/plain.ts';
import type { Run } from '../../lib/result/result.ts';
import { document, emptyRun, poisoned } from '../support/documents.ts';
import { degradedRun, everything, failingRun, inconclusiveRun, passingRun } from '../support/example-document.ts';
import { brokenPass, cleanPass, missingPass, sequenceRun, sequenceRuns } from '../support/sequences.ts';
import { readXml, type XmlNode } from '../support/xml.ts';

const suiteOf = (run: Run): XmlNode => {
  const suite = readXml(renderJunit(document([run]))).children[0];
  if (suite === undefined) throw new Error('no suite');
  return suite;
};
const caseOf = (suite: XmlNode, name: string): XmlNode | undefined =>
  suite.children.find((one) => one.attributes.name === name);
const resultOf = (suite: XmlNode, name: string): string =>
  caseOf(suite, name)
    ?.children.filter((one) => one.name !== 'system-out')
    .map((one) => `${one.name} ${one.attributes.type ?? ''}`.trim())
    .join() ?? 'no such case';

describe('a run as a test suite', () => {
  test('a passing run has no failures, and a case for each step, check and threshold', () => {
    const suite = suiteOf(passingRun().run);
    expect(suite.attributes).toMatchObject({ name: 'api-read', tests: '9', failures: '0', errors: '0', skipped: '0' });
    expect(resultOf(suite, 'step list')).toBe('');
    expect(resultOf(suite, 'check list: status equals 200')).toBe('');
    expect(resultOf(suite, 'objective p(95)<400')).toBe('');
    expect(resultOf(suite, 'threshold one: p(95)<200')).toBe('');
  });

  test('a failing run fails where it broke, with the actual value', () => {
    const suite = suiteOf(failingRun().run);
    expect(resultOf(suite, 'check create: status equals 201')).toBe('failure fail');
    expect(caseOf(suite, 'check create: status equals 201')?.children[0]?.attributes.message).toBe(
      '0 of 5 passed; got 503',
    );
    expect(resultOf(suite, 'objective failed<1%')).toBe('failure fail');
    expect(resultOf(suite, 'step read')).toBe('skipped');
  });

  test('a failing run says whose fault it looks like, as a property and beside its reasons', () => {
    const suite = suiteOf(failingRun().run);
    const suspect = 'application – the service, or a gateway before it: it answered 503';
    const properties = suite.children.find((one) => one.name === 'properties')?.children ?? [];
    expect(properties.find(({ attributes }) => attributes.name === 'suspect')?.attributes.value).toBe(suspect);
    expect(caseOf(suite, 'run')?.children.at(-1)?.text).toContain(`suspect: ${suspect}`);
  });

  test('a sequence that broke says where: at its step, and beside the reasons of the run', () => {
    const suite = suiteOf(sequenceRun('ws', missingPass(), { verdict: 'fail', reasons: ['4 expect a: never came'] }));
    const words = /^broken link after #6, 5\.00 s: 4 expect a: inOrder 2 of 3 never came within 5,000 ms: awaited/m;
    expect(caseOf(suite, 'step 4 expect a')?.children.at(-1)).toMatchObject({
      name: 'system-out',
      text: expect.stringMatching(words),
    });
    expect(caseOf(suite, 'run')?.children.at(-1)?.text).toMatch(words);
    const ofPass = suiteOf(sequenceRun('ws', brokenPass(), { verdict: 'fail' }));
    expect(caseOf(ofPass, 'run')?.children.at(-1)?.text).toMatch(/^broken link at #10012 on a, 1\.26 s: noDuplicates/m);
    expect(renderJunit(document([sequenceRun('ws', cleanPass())]))).not.toContain('broken link');
  });

  test('a degraded run fails on its threshold, as degraded', () => {
    const suite = suiteOf(degradedRun().run);
    expect(resultOf(suite, 'objective p(95)<400')).toBe('failure degraded');
    expect(suite.attributes.failures).toBe('1');
  });

  test('an inconclusive run is an error, never a failure', () => {
    const suite = suiteOf(inconclusiveRun().run);
    expect(suite.attributes).toMatchObject({ failures: '0', errors: '1' });
    expect(resultOf(suite, 'check feed: noDuplicates on event_id')).toBe('error inconclusive');
  });

  test.each(['skipped', 'deferred', 'late', 'missed'] as const)('a %s run is skipped, with its reason', (status) => {
    const suite = suiteOf(emptyRun('poll', status, 'ruleId is not set'));
    expect(suite.attributes).toMatchObject({ tests: '1', skipped: '1' });
    expect(caseOf(suite, 'run')?.children[0]?.attributes.message).toBe(`${status}: ruleId is not set`);
  });

  test('a verdict that no part explains stands on the run itself', () => {
    const suite = suiteOf({
      ...passingRun().run,
      verdict: 'fail',
      reasons: ['no complete pass before the deadline of 60 s'],
    });
    expect(resultOf(suite, 'run')).toBe('failure fail');
    expect(caseOf(suite, 'run')?.children[0]?.attributes.message).toContain('deadline of 60 s');
  });

  test('a failed check that the run tolerated is a note, for the build must agree with the verdict', () => {
    const made = failingRun().run;
    const suite = suiteOf({ ...made, verdict: 'pass', slo: [], steps: [] });
    expect(suite.attributes.failures).toBe('0');
    expect(caseOf(suite, 'check create: status equals 201')?.children[0]?.text).toContain('tolerated');
  });
});

describe('the document', () => {
  test('counts what is in it, in seconds', () => {
    const root = readXml(renderJunit(everything().document));
    const cases = root.children.flatMap((suite) => suite.children.filter((one) => one.name === 'testcase'));
    const count = (name: string): number =>
      cases.filter((one) => one.children.some((child) => child.name === name)).length;
    expect(root.attributes).toMatchObject({
      tests: String(cases.length),
      failures: String(count('failure')),
      errors: String(count('error')),
      skipped: String(count('skipped')),
    });
    expect(suiteOf({ ...passingRun().run, durationMs: 1500 }).attributes.time).toBe('1.500000');
  });

  test('any text whatever gives well-formed XML that says it', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(']]>', '<![CDATA[', '&#0;', '\u0000\u001f', '\ud800', '\uffff', '"><x y="', 'a\tb\nc\r\nd'),
    );
    const runs = [...everything().document.runs, ...sequenceRuns()];
    const clean = { document: document(runs), passes: new Map() };
    fc.assert(
      fc.property(hostile, (text) => {
        const root = readXml(renderJunit(poisoned(clean, text).document));
        expect(root.attributes.name).toBe(plain(text));
        expect(root.children[0]?.attributes.name).toBe(plain(text));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the reader that these tests trust', () => {
  test.each([
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a b="1" b="2"/>',
    '<a b="<"/>',
    '<a>&nbsp;</a>',
    '<a>& b</a>',
    '<a>]]></a>',
    '<a>\u0000</a>',
    '<a>&#1;</a>',
    '<a b=1/>',
    'x<a/>',
  ])('refuses %j', (source) => expect(() => readXml(source)).toThrow());
});

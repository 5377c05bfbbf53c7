import { expect, test } from 'vitest';
import { renderJson } from '../../lib/report/json.ts';
import type { Run, RunDocument } from '../../lib/result/result.ts';
import { document } from '../support/documents.ts';
import { everything, failingRun, passingRun } from '../support/example-document.ts';
import { sequenceRuns } from '../support/sequences.ts';

const DOCUMENTED =
  'probe kind slot startedAt status verdict reasons samples latencyMs phasesMs steps series checks slo baseline'.split(
    ' ',
  );

/** The same value with the keys of every object in the opposite order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one)]),
  );
};

test('a run starts with the documented keys in the documented order', () => {
  const first = JSON.parse(renderJson(everything().document)).runs[0];
  expect(Object.keys(first).slice(0, DOCUMENTED.length)).toEqual(DOCUMENTED);
  expect(Object.keys(first.latencyMs)).toEqual(['min', 'p50', 'p90', 'p95', 'p99', 'max']);
  expect(Object.keys(first.checks[0]).slice(0, 4)).toEqual(['name', 'passed', 'total', 'actual']);
  expect(Object.keys(first.baseline).slice(0, 3)).toEqual(['state', 'ratio', 'interval']);
});

test('whose fault a run looks like comes after what is documented, in an order of its own', () => {
  const { attribution } = failingRun().run;
  const scrambled = {
    ...failingRun().run,
    attribution: reversed({ ...attribution, phase: 'firstByte', control: 'answered' }),
  };
  const [first] = JSON.parse(renderJson(document([scrambled as Run]))).runs;
  expect(Object.keys(first).slice(0, DOCUMENTED.length)).toEqual(DOCUMENTED);
  expect(Object.keys(first.attribution)).toEqual(['at', 'words', 'phase', 'control']);
});

test('the order does not depend on how the document was made', () => {
  const { document: clean } = everything();
  const keys = (text: string): string[] => {
    const parsed = JSON.parse(text);
    return [parsed, parsed.runs[0], parsed.runs[0].steps[0], parsed.runs[0].slo[0], parsed.runs[0].phasesMs].map(
      (one) => Object.keys(one).join(),
    );
  };
  expect(keys(renderJson(reversed(clean) as RunDocument))).toEqual(keys(renderJson(clean)));
});

test('nothing is lost, and it is pretty with a line feed at its end', () => {
  const { document: clean } = everything();
  const text = renderJson(clean);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(clean)));
  expect(text.startsWith('{\n  "schema": 1,\n  "tool": ')).toBe(true);
  expect(text.endsWith('\n}\n')).toBe(true);
});

test('a sequence, the figures of steps and a soak are in it whole, in an order of their own', () => {
  const clean = document(sequenceRuns());
  const runs = JSON.parse(renderJson(reversed(clean) as RunDocument)).runs as Run[];
  expect(runs).toEqual(JSON.parse(JSON.stringify(clean.runs)));
  const soaked = runs.find((one) => one.probe === 'ws-soak')?.steps[0];
  expect(Object.keys(soaked ?? {}).slice(-2)).toEqual(['figures', 'soak']);
  expect(Object.keys(soaked?.soak ?? {})).toEqual(
    'iterations failed messages durationMs failures steps lateMs'.split(' '),
  );
  expect(Object.keys(soaked?.soak?.lateMs ?? {})).toEqual(['min', 'p50', 'p90', 'p95', 'p99', 'max']);
  expect(runs.find((one) => one.probe === 'ws-resume')?.exemplar?.sequence?.rungs).toHaveLength(17);
  expect(JSON.parse(renderJson(clean)).schema).toBe(1);
});

test('a key of a newer document is kept', () => {
  const newer = document([{ ...passingRun().run, ...{ novelty: 7 } }]);
  expect(JSON.parse(renderJson(newer)).runs[0].novelty).toBe(7);
});

test('the value of a secret variable is left out, whatever the document holds', () => {
  const variables = [
    { name: 'token', set: true, source: 'env:T', required: true, secret: true, value: 'canary-secret' },
  ];
  expect(renderJson(document([], { variables }))).not.toContain('canary-secret');
});

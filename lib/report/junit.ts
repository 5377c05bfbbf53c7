import type { Run, RunDocument } from '../result/result.ts';
import { type Case, casesOf } from './junit/cases.ts';
import { element, renderXml, type XmlElement } from './xml.ts';

type Suite = { readonly run: Run; readonly cases: readonly Case[] };

/**
 * JUnit XML: a test suite for each run; its steps, checks and thresholds are the cases. `fail` is a failure, `degraded` a
 * failure of type `degraded`, `inconclusive` an error, and a run without verdict is skipped with its reason. Times are in
 * seconds.
 */
export function renderJunit(document: RunDocument): string {
  const suites = document.runs.map((run) => ({ run, cases: casesOf(run) }));
  const seconds = document.runs.reduce((sum, run) => sum + run.durationMs, 0);
  return renderXml(
    element(
      'testsuites',
      { name: document.service, ...countsOf(suites), time: inSeconds(seconds), timestamp: document.startedAt },
      suites.map((suite) => suiteElement(document, suite)),
    ),
  );
}

function suiteElement(document: RunDocument, suite: Suite): XmlElement {
  const { run, cases } = suite;
  const properties = {
    tool: document.tool,
    environment: run.environment,
    kind: run.kind,
    runId: run.runId,
    slot: run.slot,
    region: run.region,
    status: run.status,
    verdict: run.verdict ?? 'none',
    samples: `${run.samples} of ${run.planned}`,
    ...(run.runbook === undefined ? {} : { runbook: run.runbook }),
  };
  const attributes = {
    name: run.probe,
    ...countsOf([suite]),
    time: inSeconds(run.durationMs),
    timestamp: run.startedAt,
  };
  return element('testsuite', attributes, [
    element(
      'properties',
      {},
      Object.entries(properties).map(([name, value]) => element('property', { name, value })),
    ),
    ...cases.map((one) => caseElement(`${document.service}.${run.probe}`, one)),
  ]);
}

function caseElement(classname: string, one: Case): XmlElement {
  const note = one.note === undefined ? [] : [element('system-out', {}, [one.note])];
  const attributes = { name: one.name, classname, time: inSeconds(one.timeMs ?? 0) };
  return element('testcase', attributes, [...resultElements(one), ...note]);
}

function resultElements({ result }: Case): readonly XmlElement[] {
  switch (result.kind) {
    case 'ok':
      return [];
    case 'failure':
      return [element('failure', { type: result.type, message: result.message })];
    case 'error':
      return [element('error', { type: 'inconclusive', message: result.message })];
    case 'skipped':
      return [element('skipped', { message: result.message })];
  }
}

function countsOf(suites: readonly Suite[]): Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number>> {
  const cases = suites.flatMap((suite) => suite.cases);
  const count = (kind: Case['result']['kind']): number => cases.filter((one) => one.result.kind === kind).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}

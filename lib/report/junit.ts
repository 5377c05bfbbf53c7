import type { Run, RunDocument } from '../result/result.ts';
import { suspectWords } from './facts.ts';
import { type Case, casesOf } from './junit/cases.ts';
import { caseElement, countsOf, inSeconds, propertiesElement } from './junit/elements.ts';
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
      {
        name: document.service,
        ...countsOf(suites.flatMap((suite) => suite.cases)),
        time: inSeconds(seconds),
        timestamp: document.startedAt,
      },
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
    ...(run.attribution === undefined ? {} : { suspect: suspectWords(run.attribution) }),
    ...(run.runbook === undefined ? {} : { runbook: run.runbook }),
  };
  const attributes = {
    name: run.probe,
    ...countsOf(cases),
    time: inSeconds(run.durationMs),
    timestamp: run.startedAt,
  };
  return element('testsuite', attributes, [
    propertiesElement(properties),
    ...cases.map((one) => caseElement(`${document.service}.${run.probe}`, one)),
  ]);
}

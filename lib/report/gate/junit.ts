import { type GateInput, type GateReport, type GateScenario, objectiveName } from '../../judge/gate.ts';
import type { Case, CaseResult } from '../junit/cases.ts';
import { caseElement, countsOf, inSeconds, propertiesElement } from '../junit/elements.ts';
import { element, renderXml, type XmlElement } from '../xml.ts';
import { advisoryWords, baselineWords, objectiveWords, proofWords, reasonsOf, suspectOf, termsWords } from './words.ts';

const resultOf = (scenario: GateScenario): CaseResult => {
  const message = reasonsOf(scenario).join('; ');
  switch (scenario.result) {
    case 'pass':
      return { kind: 'ok' };
    case 'fail':
      return { kind: 'failure', type: 'fail', message };
    case 'inconclusive':
      return { kind: 'error', message };
    case 'skipped':
    case 'deferred':
      return { kind: 'skipped', message: `${scenario.result}: ${message}` };
  }
};

const scenarioCase = (scenario: GateScenario): Case => {
  const { probe, run, ageMs, command, notes, objectives } = scenario;
  const proof = run === null || ageMs === null ? [] : [proofWords(run, ageMs)];
  const lines = [
    ...notes,
    ...objectives.map(
      (one) => `${objectiveName(one)}: ${one.judged === null ? '' : `${one.judged}, `}${objectiveWords(one)}`,
    ),
    ...baselineWords(scenario),
    ...suspectOf(scenario).map((suspect) => `suspect: ${suspect}`),
    ...proof,
    `repeat: ${command}`,
  ];
  return {
    name: `scenario ${probe}`,
    timeMs: run?.durationMs ?? 0,
    result: resultOf(scenario),
    note: lines.join('\n'),
  };
};

const inputCase = ({ name, result, reason }: GateInput): Case => ({
  name: `input ${name}`,
  timeMs: 0,
  result:
    result === null
      ? { kind: 'skipped', message: reason }
      : result === 'pass'
        ? { kind: 'ok' }
        : { kind: 'failure', type: 'fail', message: `does not hold: ${reason}` },
  note: reason,
});

const suite = (report: GateReport, name: string, cases: readonly Case[]): XmlElement => {
  const properties = {
    tool: report.tool,
    environment: report.environment,
    command: report.command,
    terms: termsWords(report),
    result: report.result,
    ...(report.advisory ? { advisory: advisoryWords } : {}),
  };
  return element('testsuite', { name, ...countsOf(cases), time: inSeconds(0), timestamp: report.checkedAt }, [
    propertiesElement(properties),
    ...cases.map((one) => caseElement(`${report.service}.gate`, one)),
  ]);
};

/**
 * JUnit XML of a gate: its scenarios and its inputs are the cases. A fail is a failure, what is inconclusive an error, and
 * what is skipped or deferred is skipped with its reason. An advisory gate counts the same, and says that it is one.
 */
export const renderGateJunit = (report: GateReport): string => {
  const scenarios = report.scenarios.map(scenarioCase);
  const inputs = report.inputs.map(inputCase);
  const counts = countsOf([...scenarios, ...inputs]);
  return renderXml(
    element(
      'testsuites',
      { name: `${report.service} gate`, ...counts, time: inSeconds(0), timestamp: report.checkedAt },
      [suite(report, 'scenarios', scenarios), ...(inputs.length === 0 ? [] : [suite(report, 'inputs', inputs)])],
    ),
  );
};

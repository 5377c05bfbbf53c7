import type { Severity } from '../../../config/plan.ts';
import { checkOutcome, firstFault, thresholdsOf } from '../../../report/facts.ts';
import {
  formatActual,
  formatBytes,
  formatFraction,
  formatLatency,
  formatMs,
  formatSamples,
  formatShareInterval,
  PERCENTILES,
} from '../../../report/format.ts';
import { excerpt } from '../../../report/plain.ts';
import type {
  CheckResult,
  CheckSummary,
  Evidence,
  FrameEvidence,
  Run,
  ThresholdResult,
} from '../../../result/result.ts';
import { type RunLine, runLine } from './state.ts';

const BODY_LINES = 200;
const BODY_CHARACTERS = 8_000;

export type ThresholdRow = {
  readonly threshold: string;
  readonly of: string;
  readonly passed: boolean;
  readonly actual: string;
  readonly bad: string;
  readonly budget: string;
  readonly interval: string;
};

export type CheckRow = {
  readonly name: string;
  readonly step: string;
  readonly result: CheckResult;
  readonly passed: string;
  readonly actual: string;
};

export type Message = {
  readonly title: string;
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

export type Frame = {
  readonly n: number;
  readonly connection: string;
  readonly direction: FrameEvidence['direction'];
  readonly at: string;
  readonly text: string;
  readonly broken: boolean;
};

export type EvidenceView = {
  /** `Pass 1, step create`. */
  readonly where: string;
  /** What went wrong there; empty when nothing did. */
  readonly fault: string;
  readonly messages: readonly Message[];
  readonly frames: readonly Frame[];
};

export type RunView = RunLine & {
  readonly meta: readonly string[];
  readonly severity: Severity;
  readonly reasons: readonly string[];
  /** `href` only where it leads to the web. */
  readonly runbook: { readonly text: string; readonly href: string | null } | null;
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly thresholds: readonly ThresholdRow[];
  readonly checks: readonly CheckRow[];
  readonly evidence: EvidenceView | null;
};

export function runView(run: Run): RunView {
  const done = run.status === 'done';
  return {
    ...runLine(run),
    meta: metaOf(run),
    severity: run.severity,
    reasons: run.reasons,
    runbook: run.runbook === undefined ? null : { text: run.runbook, href: webAddress(run.runbook) },
    figures: done ? figuresOf(run) : [],
    thresholds: thresholdsOf(run).map(thresholdRow),
    checks: run.checks.map(checkRow),
    evidence: evidenceOf(run),
  };
}

function metaOf(run: Run): readonly string[] {
  const measured =
    run.status === 'done' ? [formatSamples(run.samples, run.planned), `took ${formatMs(run.durationMs)}`] : [];
  return [...measured, run.trigger === 'demand' ? 'on demand' : 'scheduled'];
}

function webAddress(address: string): string | null {
  return /^https?:\/\//i.test(address) ? address : null;
}

/** One sample has one figure, not six percentiles of itself. */
function figuresOf(run: Run): RunView['figures'] {
  if (run.samples === 1) return [['latency', formatLatency(run.latencyMs.p50, 1)]];
  return PERCENTILES.map((name) => [name, formatLatency(run.latencyMs[name], run.samples)]);
}

function thresholdRow(one: ThresholdResult): ThresholdRow {
  return {
    threshold: one.threshold,
    of: one.step ?? 'the probe',
    passed: one.passed,
    actual: formatActual(one),
    bad: one.bad === undefined || one.total === undefined ? '–' : `${one.bad} of ${one.total}`,
    budget: one.budget === undefined ? '–' : formatFraction(one.budget),
    interval: one.interval === undefined ? '–' : formatShareInterval(one.interval),
  };
}

function checkRow(check: CheckSummary): CheckRow {
  return {
    name: check.name,
    step: check.step ?? 'the whole pass',
    result: checkOutcome(check),
    passed: `${check.passed} of ${check.total}${check.inconclusive === 0 ? '' : `, ${check.inconclusive} inconclusive`}`,
    actual: check.actual,
  };
}

/** What shows the first fault; of a run without one, the last exchange. */
function evidenceOf({ exemplar }: Run): EvidenceView | null {
  if (exemplar === null) return null;
  const fault = firstFault(exemplar);
  if (fault !== null) {
    const where = `Pass ${fault.pass + 1}${fault.step === undefined ? '' : `, step ${fault.step}`}`;
    return { where, fault: fault.message, ...shown(fault.evidence, fault.broken) };
  }
  const last = exemplar.steps.findLast((step) => step.evidence !== undefined);
  if (last === undefined) return null;
  return { where: `Pass ${exemplar.index + 1}, step ${last.step}`, fault: '', ...shown(last.evidence, new Set()) };
}

function shown(evidence: Evidence | undefined, broken: ReadonlySet<number>): Pick<EvidenceView, 'messages' | 'frames'> {
  const frames = (evidence?.frames ?? []).map(({ n, connection, direction, atMs, text }) => {
    return { n, connection, direction, at: formatMs(atMs), text, broken: broken.has(n) };
  });
  return { messages: evidence === undefined ? [] : messagesOf(evidence), frames };
}

function messagesOf({ request, response }: Evidence): readonly Message[] {
  const sent =
    request === undefined
      ? []
      : [message('Request', `${request.method} ${request.url}`, request.headers, request.body)];
  if (response === undefined) return request === undefined ? [] : [...sent, message('Answer', 'none', {}, undefined)];
  const from = response.remoteAddress === undefined ? '' : `, from ${response.remoteAddress}`;
  const line = `${response.status}, ${formatBytes(response.bodyBytes)}${from}`;
  return [...sent, message('Answer', line, response.headers, response.body)];
}

function message(
  title: string,
  line: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Message {
  return { title, line, headers: Object.entries(headers), body: excerpt(body ?? '', BODY_LINES, BODY_CHARACTERS) };
}

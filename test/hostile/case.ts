import { judgeRun } from '../../lib/judge/run.ts';
import type { ProbeContext } from '../../lib/probe/prober.ts';
import type { Result, Run, Verdict } from '../../lib/result/result.ts';
import { contextOf, measure, occasion, probeOf } from '../support/probing.ts';

/** What is probed, once it listens. */
export type Host = { readonly url: string; readonly close: () => Promise<void> };

/** What came of a case. */
export type Met = { readonly run: Run; readonly result: Result; readonly elapsedMs: number; readonly host: Host };

/** One row of the table: something that the world does to a monitor, and what the monitor then says. */
export type HostileCase = {
  readonly what: string;
  readonly host: () => Promise<Host>;
  /** The probe as a user writes it. */
  readonly probe: (url: string) => object;
  readonly context?: Partial<ProbeContext>;
  readonly verdict: Verdict;
  /** Matches a reason; a run that passes has none. */
  readonly says?: RegExp;
  /** The sum of the limits that the probe's config sets on what happens here. */
  readonly limitMs: number;
  /** Keeps the processor busy, ours or the target's: beside it others would miss their limits. */
  readonly busy?: true;
  /** What else must hold, as what is wrong with it. */
  readonly wrong?: (met: Met) => string | undefined;
};

/** The limit of a step that reaches it: long enough for a loaded machine to get that far. */
export const timeoutMs = 2_000;

/** The limit of any other step, which is over as soon as the target has done what it does. */
export const ampleMs = 10_000;

/**
 * What a run may take beyond its limits on a slow and busy machine: closing, and our own work. What hangs, hangs for
 * good, so that no row passes by being generous here.
 */
export const slackMs = 10_000;

/** A reason is a sentence, and a document stays one that a person can open, whatever the target sent. */
const maxReasonChars = 1_500;
const maxDocumentChars = 200_000;

/** These rows, none of them beside another. */
export const busily = (rows: readonly HostileCase[]): readonly HostileCase[] =>
  rows.map((row) => ({ ...row, busy: true }));

/** Meets one case: starts it, probes it, judges, and ends it again. */
export const meet = async (row: HostileCase): Promise<Met> => {
  const host = await row.host();
  try {
    const probe = probeOf(row.probe(host.url));
    const start = performance.now();
    const result = await measure(probe, { ...contextOf(), ...row.context });
    const elapsedMs = performance.now() - start;
    return { run: judgeRun(probe, occasion, result).run, result, elapsedMs, host };
  } finally {
    await host.close();
  }
};

/** All that is not as the row has it; empty where the row holds. */
export const faultsOf = (row: HostileCase, met: Met): readonly string[] => {
  const { run, elapsedMs } = met;
  const told = run.reasons.join('\n');
  const document = JSON.stringify(run);
  const longest = Math.max(0, ...run.reasons.map((reason) => reason.length));
  const boundMs = row.limitMs + slackMs;
  return [
    ...(run.verdict === row.verdict ? [] : [`the verdict is ${run.verdict}, not ${row.verdict}`]),
    ...(row.says === undefined || row.says.test(told) ? [] : [`no reason matches ${row.says}`]),
    ...(row.says !== undefined || told === '' ? [] : ['there are reasons where none was awaited']),
    ...(elapsedMs <= boundMs ? [] : [`it took ${Math.round(elapsedMs)} ms, more than ${boundMs} ms`]),
    ...(longest <= maxReasonChars ? [] : [`a reason has ${longest} characters`]),
    ...(document.length <= maxDocumentChars ? [] : [`the run has ${document.length} characters`]),
    ...[row.wrong?.(met) ?? []].flat(),
  ].map((fault) => `${fault}; got: ${told.slice(0, 2_000) || 'no reason'}`);
};

import type { DrillReport } from '../../drill/report.ts';
import type { Verdict } from '../../drill/verdict.ts';
import { renderDrillJson } from '../../report/drill/json.ts';
import { renderDrillText } from '../../report/drill/text.ts';
import { type ExitCode, exitCodes } from '../exit.ts';
import { writeReport } from '../reports.ts';
import type { Terminal } from '../terminal.ts';

export type ShowDrillOptions = { readonly json: boolean; readonly verbose: boolean; readonly html?: string };

const exitOfVerdict = (verdict: Verdict): ExitCode => {
  if (verdict === 'PASS' || verdict === 'DRY_RUN') return exitCodes.good;
  return verdict.startsWith('FAIL_') ? exitCodes.bad : exitCodes.inconclusive;
};

/** Prints a report, and writes its page: exit 0 for PASS and DRY_RUN, 1 for FAIL_*, 3 for what says nothing of the target. */
export const showDrill = async (
  report: DrillReport,
  options: ShowDrillOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const { outColour: colour, columns: width } = terminal;
  const text = options.json
    ? renderDrillJson(report)
    : renderDrillText(report, { colour, width, verbose: options.verbose });
  terminal.out(text);
  if (options.html !== undefined) {
    const { renderDrillHtml } = await import('../../report/drill/html.ts');
    await writeReport(options.html, renderDrillHtml(report), terminal, 'the report is stored, and printed');
  }
  return terminal.signal.aborted ? exitCodes.interrupted : exitOfVerdict(report.verdict);
};

import type { Plan } from '../config/plan.ts';
import { budgetProblem } from '../cost/budget.ts';
import { type CostEstimate, estimateCost } from '../cost/estimate.ts';
import { type CostReport, renderCostText } from '../report/cost/text.ts';
import { type ExitCode, exitCodes } from './exit.ts';
import { loadPlan } from './load-plan.ts';
import type { Terminal } from './terminal.ts';

export type CostCommandOptions = {
  readonly config: string;
  readonly json: boolean;
  /** Takes off what every account has free of charge. */
  readonly freeTier: boolean;
  /** Shows what is taken for granted, too; JSON always has it. */
  readonly verbose: boolean;
};

const reportOf = (plan: Plan, estimate: CostEstimate): CostReport => ({
  service: plan.service,
  ...(plan.budget ? { budget: { ...plan.budget, holds: budgetProblem(plan, estimate) === undefined } } : {}),
  ...estimate,
});

/** `plimsoll cost`: what a month in AWS costs, line by line. It says whether the budget holds; `check` refuses. */
export const costCommand = async (options: CostCommandOptions, terminal: Terminal): Promise<ExitCode> => {
  const plan = await loadPlan(options.config, terminal);
  const report = reportOf(plan, estimateCost(plan, { freeTier: options.freeTier }));
  const { outColour: colour, columns: width } = terminal;
  terminal.out(
    options.json
      ? `${JSON.stringify({ schema: 1, currency: 'USD', ...report }, null, 2)}\n`
      : renderCostText(report, { colour, width, verbose: options.verbose }),
  );
  return exitCodes.good;
};

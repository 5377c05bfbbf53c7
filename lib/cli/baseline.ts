import type { Plan, ProbePlan } from '../config/plan.ts';
import { renderBaselines, renderHistories } from '../report/baseline/text.ts';
import { type BaselineFacts, viewBaseline } from '../report/baseline/view.ts';
import type { Store } from '../result/store.ts';
import { CommandError, type ExitCode, exitCodes } from './exit.ts';
import { chooseProbes, loadPlan } from './load-plan.ts';
import { hasLocalStore, openLocalStore } from './store.ts';
import type { Terminal } from './terminal.ts';

export type BaselineOptions = { readonly config: string; readonly data: string; readonly json: boolean };

/** Opens the store of a data folder that has one: looking makes none. */
export const withBaselines = async <T>(
  options: Pick<BaselineOptions, 'config' | 'data'>,
  terminal: Terminal,
  work: (store: Store, plan: Plan) => Promise<T>,
): Promise<T> => {
  const plan = await loadPlan(options.config, terminal);
  if (!hasLocalStore(options.data, terminal)) {
    throw new CommandError(`no runs in ${options.data}, and so no baseline: plimsoll watch makes one`);
  }
  const store = await openLocalStore(options.data, () => plan, terminal);
  try {
    return await work(store, plan);
  } finally {
    await store.close();
  }
};

const gatherFacts = async (store: Store, probes: readonly ProbePlan[]): Promise<readonly BaselineFacts[]> =>
  Promise.all(
    probes.map(async (probe) => {
      const { baseline, detectors } = await store.memory(probe.id);
      const [latest] = await store.list({ probe: probe.id, trigger: ['schedule', 'confirm'], limit: 1 });
      return {
        probe,
        ...(baseline ? { document: baseline } : {}),
        ...(detectors ? { detectors } : {}),
        ...(latest ? { latest } : {}),
      };
    }),
  );

const printJson = (value: object, terminal: Terminal): void => terminal.out(`${JSON.stringify(value, null, 2)}\n`);

/** `plimsoll baseline show [probe…]`. */
export const showBaselines = (
  ids: readonly string[],
  options: BaselineOptions,
  terminal: Terminal,
): Promise<ExitCode> =>
  withBaselines(options, terminal, async (store, plan) => {
    const probes = chooseProbes(plan, ids);
    const views = (await gatherFacts(store, probes)).map(viewBaseline);
    if (options.json) printJson({ schema: 1, service: plan.service, probes: views }, terminal);
    else terminal.out(renderBaselines(views, { colour: terminal.outColour, width: terminal.columns }));
    return exitCodes.good;
  });

/** `plimsoll baseline history [probe…]`. */
export const showBaselineHistory = (
  ids: readonly string[],
  options: BaselineOptions,
  terminal: Terminal,
): Promise<ExitCode> =>
  withBaselines(options, terminal, async (store, plan) => {
    const histories = await Promise.all(
      chooseProbes(plan, ids).map(async ({ id }) => ({
        probe: id,
        history: (await store.baseline(id))?.history ?? [],
      })),
    );
    if (options.json) printJson({ schema: 1, service: plan.service, probes: histories }, terminal);
    else terminal.out(renderHistories(histories, { colour: terminal.outColour, width: terminal.columns }));
    return exitCodes.good;
  });

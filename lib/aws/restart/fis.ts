import { bears, type RestartAdapter, type RestartDeps, refuse, spellTag } from './adapter.ts';

/** Starts an experiment of the Fault Injection Service; its safety lever stands against it, at any moment of a drill. */
export const fisAdapter = ({ plan, tag, hands }: RestartDeps<'fis'>): RestartAdapter => ({
  find: async (signal) => {
    const fis = await hands.look.fis();
    const { status, reason } = await fis.lever(signal);
    if (status !== 'disengaged')
      throw refuse(
        `the safety lever of FIS is ${status}${reason === '' ? '' : `: ${reason}`}: it stops all experiments`,
      );
    const tags = await fis.template(plan.template, signal);
    const listed = Object.entries(tags).map(([key, value]) => ({ key, value }));
    if (!bears(listed, tag))
      throw refuse(`the template ${plan.template} has no tag ${spellTag(tag)}: nobody has allowed drills with it`);
    return { ids: [plan.template], details: {} };
  },
  ask: async (_, { runId, signal }) => {
    const { id, status } = await (await hands.ask.fis()).start(plan.template, runId, signal);
    return { platformIds: [`experiment ${id}`], details: { status } };
  },
});

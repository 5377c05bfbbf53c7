import { availableParallelism, cpus, loadavg } from 'node:os';

/** What the figures were measured on; without it they mean nothing. */
export const describeMachine = () => ({
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? 'unknown',
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  /** Of the minute before the start: a machine that was busy measures badly. */
  loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
});

export type Machine = ReturnType<typeof describeMachine>;

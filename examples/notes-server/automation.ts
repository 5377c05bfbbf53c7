import { randomUUID } from 'node:crypto';
import { WORKSPACE_STREAM } from './notes.ts';
import type { EventDraft, RunStatus } from './records.ts';
import type { Run } from './state.ts';
import type { Store } from './store.ts';
import type { Timers } from './timers.ts';

export type Automation = {
  /** Queues a run; undefined when there is no such rule. */
  start(ruleId: string): Run | undefined;
  /** Goes on with the runs that a crash left unfinished. */
  resume(): void;
};

/** Runs are queued at once, running after a third of `ruleRunMs`, and over after `ruleRunMs`. */
export function createAutomation(store: Store, timers: Timers, ruleRunMs: number): Automation {
  function advance(run: Run): void {
    const next: RunStatus = run.status === 'queued' ? 'running' : (store.state.rules.get(run.ruleId) ?? 'failed');
    const share = run.status === 'queued' ? 1 / 3 : 2 / 3;
    timers.after(ruleRunMs * share, () => {
      const moved = { ...run, status: next };
      store.commit(runEvent(moved));
      if (next === 'running') advance(moved);
    });
  }

  return {
    start(ruleId) {
      if (!store.state.rules.has(ruleId)) return undefined;
      const run: Run = { id: randomUUID(), ruleId, status: 'queued' };
      store.commit(runEvent(run));
      advance(run);
      return run;
    },
    resume() {
      for (const run of store.state.runs.values()) {
        if (run.status === 'queued' || run.status === 'running') advance(run);
      }
    },
  };
}

export function runEvent(run: Run): EventDraft {
  const common = { type: 'automation_event', streams: [WORKSPACE_STREAM] } as const;
  const ids = { run_id: run.id, rule_id: run.ruleId };
  switch (run.status) {
    case 'queued':
      return { ...common, event_code: 'automation_run_queued', payload: { ...ids, status: 'queued' } };
    case 'running':
      return { ...common, event_code: 'automation_run_running', payload: { ...ids, status: 'running' } };
    case 'succeeded':
      return { ...common, event_code: 'automation_run_succeeded', payload: { ...ids, status: 'succeeded' } };
    case 'failed':
      return { ...common, event_code: 'automation_run_failed', payload: { ...ids, status: 'failed' } };
  }
}

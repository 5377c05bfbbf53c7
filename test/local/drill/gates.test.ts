import { describe, expect, it } from 'vitest';
import type { DrillPlan } from '../../../lib/config/plan.ts';
import type { GateMoment } from '../../../lib/drill/ports.ts';
import { newMemory } from '../../../lib/judge/judge.ts';
import type { ProbeState } from '../../../lib/judge/memory.ts';
import { localGates } from '../../../lib/local/drill/gates.ts';
import { judgedProbe } from '../../support/judging.ts';

const drill: DrillPlan = {
  id: 'restart',
  target: 'notes',
  severity: 'ticket',
  restart: { kind: 'process', signal: 'SIGKILL' },
  rtoMs: 30_000,
  rpoMs: 0,
  seeds: 5,
  streak: 3,
  everyMs: 100,
  maxOutageMs: 60_000,
  minIntervalMs: 0,
  windows: [],
  blockedBy: 'all',
  clockSkewMs: 2000,
};

const stateOf = (probe: string, state: ProbeState['state']): ProbeState => ({
  ...newMemory(probe).state,
  state,
  lastSlot: '2026-06-01T00:00:00.000Z',
});

type Situation = {
  readonly states?: readonly ProbeState[];
  readonly blockedBy?: DrillPlan['blockedBy'];
  readonly refusal?: string;
  readonly moment?: GateMoment;
};

const ask = ({ states = [], blockedBy = 'all', refusal, moment = 'start' }: Situation) => {
  const gates = localGates({
    drill: { ...drill, blockedBy },
    probes: [judgedProbe({ id: 'api' }), judgedProbe({ id: 'ws' })],
    runs: { states: async () => states },
    store: { killSwitch: async () => ({ on: false }), reports: async () => [] },
    clock: { now: () => 0 },
    refusal: async () => refusal,
  });
  return gates(new AbortController().signal, moment);
};

describe('the gates of a laptop', () => {
  it('are open where all is well, and where nobody has ever watched: that is said', async () => {
    const well = [stateOf('api', 'ok'), stateOf('ws', 'pending')];
    expect(await ask({ states: well })).toEqual({ closed: [], warnings: [] });
    const { closed, warnings } = await ask({});
    expect(closed).toEqual([]);
    expect(warnings).toEqual(['nobody watches api, ws here: no alarm of theirs can stop this drill']);
  });

  it.each(['breached', 'recovering'] as const)(
    'are closed, before and under way, by an alarm that is %s',
    async (state) => {
      const states = [stateOf('api', state), stateOf('ws', 'ok')];
      for (const moment of ['start', 'under way'] as const) {
        expect((await ask({ states, moment })).closed).toEqual(['the alarm of api is raised']);
      }
      expect((await ask({ states, blockedBy: ['ws'] })).closed).toEqual([]);
    },
  );

  it('are closed by a probe that was named and that nobody watches', async () => {
    expect((await ask({ blockedBy: ['ws'] })).closed).toEqual([expect.stringContaining('ws')]);
  });

  it('forget probes that the config has no more', async () => {
    const states = [stateOf('gone', 'breached'), stateOf('api', 'ok'), stateOf('ws', 'ok')];
    expect((await ask({ states })).closed).toEqual([]);
  });

  it('are closed by a service that somebody else started, before the restart alone', async () => {
    const refusal = 'something answers';
    expect((await ask({ refusal })).closed).toEqual([refusal]);
    expect((await ask({ refusal, moment: 'under way' })).closed).toEqual([]);
  });
});

import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { drillMachine, type Machine, type State, type States } from '../../lib/drill/machine.ts';
import { taskStates } from '../../lib/drill/states.ts';
import { around, lintMachine, reachable, successors } from '../support/asl-lint.ts';

const functions = {
  drill: 'arn:aws:lambda:eu-west-1:123456789012:function:drill',
  restart: 'arn:aws:lambda:eu-west-1:123456789012:function:restart',
};
const machine = drillMachine(functions);
const { States: states } = machine;

const stateNamed = (name: string): State => {
  const state = states[name];
  if (!state) throw new Error(`the machine has no state ${name}`);
  return state;
};

/** The machine with one state changed. */
const withState = (name: string, change: Readonly<Record<string, unknown>>): Machine => ({
  ...machine,
  States: { ...states, [name]: { ...stateNamed(name), ...change } },
});

const without = (name: string, key: string): Machine => {
  const { [key]: _, ...rest } = stateNamed(name);
  return { ...machine, States: { ...states, [name]: rest as State } };
};

/** Where a drill goes once it may hold the lock: everywhere but to the report of one that was refused. */
const afterLock = [
  ...successors(stateNamed('LockHeld')).filter((name) => name !== 'PublishReport'),
  ...successors(stateNamed('AcquireLock')).filter((name) => name !== 'LockHeld'),
];

describe('the drill machine', () => {
  test('lies in the portable subset', () => {
    expect(lintMachine(machine)).toEqual([]);
  });

  test('is clean to asl-validator', () => {
    expect(aslValidator(machine, { checkArn: true, checkPaths: true })).toMatchObject({ isValid: true });
  });

  test('has a task for each state that has a step, and no other', () => {
    const tasksOf = (some: States): readonly string[] =>
      Object.entries(some).flatMap(([name, state]) => {
        const branches = (state.Branches ?? []) as readonly { readonly States: States }[];
        return [...(state.Type === 'Task' ? [name] : []), ...branches.flatMap((branch) => tasksOf(branch.States))];
      });
    expect(tasksOf(states).toSorted()).toEqual([...taskStates].toSorted());
  });

  test.each(['Cleanup', 'ConfirmSteadyState', 'ReleaseLock', 'PublishReport'])(
    'passes %s on every path once it may hold the lock',
    (waypoint) => {
      expect(afterLock).not.toEqual([]);
      expect(around(states, afterLock, waypoint)).toEqual([]);
    },
  );

  test('publishes a report on every path from its beginning', () => {
    expect(around(states, [machine.StartAt], 'PublishReport')).toEqual([]);
  });

  test('runs every verification though the one before it failed', () => {
    const verifications = ['ProveRestart', 'VerifyLedger', 'VerifyStreams', 'VerifyProjections', 'VerifyLiveness'];
    for (const [index, name] of verifications.entries())
      expect(new Set(successors(stateNamed(name)))).toEqual(new Set([verifications[index + 1] ?? 'ComputeMetrics']));
  });

  test('never retries its restart', () => {
    const branches = stateNamed('Disrupt').Branches as readonly { readonly States: States }[];
    const restarts = branches.flatMap((branch) => branch.States.Restart ?? []);
    expect(restarts).toHaveLength(1);
    expect(restarts[0]).not.toHaveProperty('Retry');
  });

  test('succeeds only past the choice of the verdict', () => {
    const ends = Object.entries(states).filter(([, { Type }]) => Type === 'Succeed');
    expect(ends.map(([name]) => name)).toEqual(['Passed']);
    expect(Object.keys(states).filter((name) => successors(stateNamed(name)).includes('Passed'))).toEqual(['Verdict']);
  });
});

describe('the lint of the portable subset', () => {
  const seeded = stateNamed('SeedState');
  const faults: readonly (readonly [string, Machine, string])[] = [
    ['another query language', { ...machine, QueryLanguage: 'JSONata' as never }, 'speaks JSONata'],
    ['no timeout of the machine', { ...machine, TimeoutSeconds: undefined as never }, 'no TimeoutSeconds'],
    ['a query language of one state', withState('SeedState', { QueryLanguage: 'JSONata' }), 'SeedState: has QueryLang'],
    ['variables', withState('SeedState', { Assign: { a: 1 } }), 'SeedState: has Assign'],
    ['a Map', withMap(), 'Several: Map is not portable'],
    ['a task token', withState('SeedState', { Parameters: { 'a.$': '$$.Task.Token' } }), 'waits for a task token'],
    ['a heartbeat', withState('SeedState', { HeartbeatSeconds: 5 }), 'SeedState: has a heartbeat'],
    ['a hash', withState('SeedState', { Parameters: { 'a.$': "States.Hash($.a, 'MD5')" } }), 'hashes in the language'],
    [
      'another integration',
      withState('SeedState', { Resource: 'arn:aws:states:::sns:publish' }),
      'SeedState: calls arn',
    ],
    ['a task without a timeout', without('SeedState', 'TimeoutSeconds'), 'SeedState: has no TimeoutSeconds'],
    ['a task without a catch', without('SeedState', 'Catch'), 'SeedState: catches not all'],
    [
      'States.ALL among others',
      withState('SeedState', { Catch: [{ ErrorEquals: ['States.Timeout', 'States.ALL'], Next: 'Abort' }] }),
      'SeedState: catches States.ALL with others',
    ],
    [
      'States.ALL before the last',
      withState('SeedState', {
        Catch: [
          { ErrorEquals: ['States.ALL'], Next: 'Abort' },
          { ErrorEquals: ['States.Timeout'], Next: 'Abort' },
        ],
      }),
      'SeedState: has States.ALL where it is not the last',
    ],
    [
      'a retry of everything',
      withState('SeedState', { Retry: [{ ErrorEquals: ['States.ALL'] }] }),
      'SeedState: has States.ALL where it is not the last',
    ],
    [
      'an unknown jitter',
      withState('SeedState', { Retry: [{ ErrorEquals: ['Drill.Transient'], JitterStrategy: 'HALF' }] }),
      'SeedState: has a jitter strategy HALF',
    ],
    [
      'a catch of a Parallel',
      withState('Disrupt', { Catch: seeded.Catch }),
      'Disrupt: Parallel has a Retry or a Catch',
    ],
    [
      'a comparison with a path',
      withState('Seeded', { Choices: [{ Variable: '$.a', StringEqualsPath: '$.b', Next: 'ConfirmSeed' }] }),
      'Seeded: compares by StringEqualsPath',
    ],
    [
      'a comparison within another',
      withState('Seeded', {
        Choices: [{ And: [{ Variable: '$.a', NumericLessThan: 3 }], Next: 'ConfirmSeed' }],
      }),
      'Seeded: compares by NumericLessThan',
    ],
    ['a choice without a default', without('Seeded', 'Default'), 'Seeded: has no Default'],
    ['a wait for a path', withWait({ SecondsPath: '$.s' }), 'Pause: waits for other than seconds'],
    [
      'a failure by path',
      withState('Failed', { Error: undefined, ErrorPath: '$.e' }),
      'Failed: fails without a literal',
    ],
    [
      'a state that nothing leads to',
      { ...machine, States: { ...states, Lost: { Type: 'Succeed' } } },
      'Lost: cannot be',
    ],
    ['a way to nowhere', withState('SeedState', { Next: 'Nowhere' }), 'SeedState: leads to Nowhere'],
  ];

  function withMap(): Machine {
    const map = { Type: 'Map' as never, Next: 'Seeded' };
    return { ...machine, States: { ...states, Several: map, SeedState: { ...seeded, Next: 'Several' } } };
  }

  function withWait(fields: Readonly<Record<string, unknown>>): Machine {
    const wait: State = { Type: 'Wait', Next: 'Seeded', ...fields };
    return { ...machine, States: { ...states, Pause: wait, SeedState: { ...seeded, Next: 'Pause' } } };
  }

  test.each(faults)('says no to %s', (_, faulty, problem) => {
    expect(lintMachine(faulty).join('\n')).toContain(problem);
  });

  test('looks into the branches of a Parallel', () => {
    const branch = {
      StartAt: 'Inner',
      States: { Inner: { Type: 'Wait', Timestamp: '2026-11-20T00:00:00Z', End: true } },
    };
    expect(lintMachine(withState('Disrupt', { Branches: [branch] }))).toContain(
      'Disrupt/Inner: waits for other than seconds',
    );
  });

  test('finds a path around a state that none may leave out', () => {
    const faulty = withState('VerifyLedger', { Next: 'Verdict' });
    expect(around(faulty.States, afterLock, 'ReleaseLock')).toEqual(expect.arrayContaining(['Passed', 'Failed']));
  });

  test('sees what a caught error leads to', () => {
    expect(reachable(withState('SeedState', { Next: 'Seeded' }).States, ['SeedState'])).toContain('Abort');
  });
});

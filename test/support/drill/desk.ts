import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DrillReport } from '../../../lib/drill/report.ts';
import { birthOf } from '../../../lib/local/drill/birth.ts';
import { type Desk, type Finished, type Later, openDesk, type Running, root } from '../cli.ts';
import { freePort } from '../free-port.ts';
import { notesLedger } from './notes-ledger.ts';

export const notesServer = join(root, 'examples/notes-server/main.ts');

/** A notes server that has its faults from its second start on: before the restart all is well. */
export const faultyAfterRestart = (port: number, faults: readonly string[]): readonly string[] => [
  process.execPath,
  join(root, 'test/support/drill/second-start.ts'),
  String(port),
  ...faults,
];

export type DrillDeskOptions = {
  /** Arguments of the notes server beside its port and its data. */
  readonly args?: readonly string[];
  /** In place of its start command. */
  readonly start?: (port: number) => readonly string[];
  readonly target?: object;
  readonly drill?: object;
  readonly probes?: readonly object[];
};

export type DrillDesk = Desk & {
  readonly port: number;
  /** `plimsoll drill -c plimsoll.json …`. */
  drill(args?: readonly string[]): Running;
  /** The same, to its end, with `--json`. */
  report(args?: readonly string[]): Promise<{ readonly finished: Finished; readonly report: DrillReport }>;
};

const probe = { id: 'api', kind: 'http', steps: [{ request: { url: '{{baseUrl}}/health' } }] };

const configOf = (port: number, { args = [], start, target, drill, probes = [probe] }: DrillDeskOptions) => ({
  service: 'notes',
  variables: {
    baseUrl: { from: ['flag'], default: `http://127.0.0.1:${port}` },
    wsUrl: { from: ['flag'], default: `ws://127.0.0.1:${port}/ws` },
    token: { from: ['env:PLIMSOLL_TOKEN'], default: 'probe-token', secret: true },
  },
  probes,
  targets: {
    notes: {
      start: start?.(port) ?? [
        process.execPath,
        notesServer,
        '--port',
        String(port),
        '--data',
        'notes',
        '--seed',
        ...args,
      ],
      ready: '{{baseUrl}}/health',
      identity: { url: '{{baseUrl}}/identity', boot: '$.bootId', startedAt: '$.startedAt', epoch: '$.epoch' },
      ledger: notesLedger,
      ...target,
    },
  },
  drills: [
    {
      id: 'restart',
      target: 'notes',
      restart: { kind: 'process', signal: 'SIGKILL' },
      rto: '60s',
      rpo: '0s',
      seeds: 5,
      every: '100ms',
      ...drill,
    },
  ],
});

const pidsIn = (stderr: string): readonly number[] =>
  [...stderr.matchAll(/started .*\(pid (\d+)\)/g)].map(([, pid]) => Number(pid));

/** A folder with a config that drills a notes server on a port of its own; all of it is gone later. */
export const openDrillDesk = async (later: Later, options: DrillDeskOptions = {}): Promise<DrillDesk> => {
  const desk = openDesk(later);
  const port = await freePort();
  desk.write('plimsoll.json', configOf(port, options));
  const drill: DrillDesk['drill'] = (args = []) => {
    const running = desk.start(['drill', '-c', 'plimsoll.json', ...args]);
    let stderr = '';
    running.process.stderr?.on('data', (text) => (stderr += text));
    // A command that a test kills leaves the server that it started.
    later(() => {
      for (const pid of pidsIn(stderr)) if (birthOf(pid) !== undefined) process.kill(-pid, 'SIGKILL');
    });
    return running;
  };
  return {
    ...desk,
    port,
    drill,
    report: async (args = []) => {
      const finished = await drill(['--json', ...args]).finished;
      return { finished, report: reportOf(finished) };
    },
  };
};

/** The one document on stdout. */
export const reportOf = ({ stdout, stderr }: Finished): DrillReport => {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`stdout is not one JSON document:\n${stdout}\nstderr:\n${stderr}`);
  }
};

/** A notes server that the drill did not start, on the desk's port. */
export const startForeign = async ({ port, folder }: DrillDesk, later: Later): Promise<void> => {
  const args = [notesServer, '--port', String(port), '--data', 'foreign', '--seed'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  later(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
};

/** Whether something answers on the desk's port. */
export const answers = ({ port }: DrillDesk): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    () => true,
    () => false,
  );

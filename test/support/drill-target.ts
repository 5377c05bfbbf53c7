import type { TargetPlan } from '../../lib/config/plan.ts';
import type { Target, Watched } from '../../lib/drill/ports.ts';
import type { Entry, Finding, StreamHead } from '../../lib/drill/record.ts';
import { openTarget } from '../../lib/probe/target/open.ts';
import { notesLedger } from './drill/notes-ledger.ts';
import { type Child, spawnNotesServer, TOKEN, temporaryFolder } from './notes-server.ts';
import { contextOf, planOf } from './probing.ts';

const probes = [{ id: 'any', kind: 'http', steps: [{ request: { url: 'https://a.example' } }] }];

/** One target of a config as a user writes it. */
export const targetPlanOf = (target: object, variables: object = {}): TargetPlan => {
  const plan = planOf({ variables, probes, targets: { it: target } }).targets.it;
  if (!plan) throw new Error('no target in the plan');
  return plan;
};

const headers = { authorization: 'Bearer {{token}}' };

/** The notes server, by config alone; with pages so small that a list has several. */
export const notesTarget = {
  ready: '{{baseUrl}}/health',
  identity: { url: '{{baseUrl}}/identity', boot: '$.bootId', startedAt: '$.startedAt', epoch: '$.epoch' },
  ledger: {
    ...notesLedger,
    list: {
      request: { url: '{{baseUrl}}/api/v1/notes?limit=3', headers },
      expect: { status: 200 },
      ids: '$.items[*].title',
      next: { query: 'cursor', json: '$.nextCursor' },
    },
    follow: { ...notesLedger.follow, url: '{{wsUrl}}?client=drill', staleAck: 'STALE_CURSOR', quiet: '300ms' },
    projections: notesLedger.projections.map((step) => ({ ...step, name: 'notes agree with the log' })),
  },
};

const notesVariables = { baseUrl: {}, wsUrl: {}, token: { secret: true } };

export const never = new AbortController().signal;

/** A target over a server that answers at `url`. */
export const openNotes = (url: string, target: object = notesTarget): Target =>
  openTarget(
    targetPlanOf(target, notesVariables),
    contextOf({ baseUrl: url, wsUrl: `${url.replace('http', 'ws')}/ws`, token: TOKEN }, [TOKEN]),
  );

/** A notes server that can be killed and started again, on its port and over its data, with other faults. */
export const restartableNotes = async (...faults: readonly string[]) => {
  const dataDir = await temporaryFolder();
  const start = (port: string, some: readonly string[]): Promise<Child> =>
    spawnNotesServer(['--port', port, '--data', dataDir, '--seed', ...some.flatMap((fault) => ['--fault', fault])]);
  let child = await start('0', faults);
  const { url } = child;
  return {
    url,
    kill: async () => {
      await child.stop('SIGKILL');
    },
    start: async (...some: readonly string[]) => {
      child = await start(new URL(url).port, some);
    },
  };
};

/** Writes so many entries, which must all be acknowledged. */
export const writeMany = async (target: Target, count: number, prefix = 'drill-t-'): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    entries.push(await target.write({ id: `${prefix}${index}`, phase: 'seed' }, never));
  }
  return entries;
};

export const headOf = async (target: Target, stream = 'workspace:1'): Promise<StreamHead> => {
  const head = await target.head(stream, never);
  if ('problem' in head) throw new Error(head.problem);
  return head;
};

/** `area: check: result` of all but those that pass. */
export const complaintsOf = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ area, check, result }) => (result === 'pass' ? [] : [`${area}: ${check}: ${result}`]));

/** What a stream is held against where nobody watched it live. */
export const unwatched: Watched = { observations: [], idPrefix: 'drill-', owed: [], allowed: [] };

export const checkOf = async (target: Target, head: StreamHead, watched = unwatched): Promise<readonly Finding[]> =>
  (await target.checkStream(head, watched, never)).findings;

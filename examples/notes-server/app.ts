import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createAccess } from './access.ts';
import { createAgent } from './agent.ts';
import { createAutomation } from './automation.ts';
import { lockDataDir } from './data-lock.ts';
import { type EventLog, openEventLog, readLog, withoutLastWrites } from './event-log.ts';
import { createHttpHandler } from './http.ts';
import { createMetrics, type GaugeName } from './metrics.ts';
import { foldNote, foldNoteWithDrift } from './notes.ts';
import { type Faults, NO_FAULTS, type NotesServerOptions } from './options.ts';
import { noteRoutes } from './routes/notes.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { type Identity, systemRoutes } from './routes/system.ts';
import { workRoutes } from './routes/work.ts';
import { seed } from './seed.ts';
import { createSessions } from './sessions.ts';
import { applyRecord, emptyState } from './state.ts';
import { createStore, type Store } from './store.ts';
import { createStreams, type Streams } from './streams.ts';
import { createTimers } from './timers.ts';

/** Everything behind the sockets. */
export type App = {
  readonly handle: ReturnType<typeof createHttpHandler>;
  readonly streams: Streams;
  /** Stops the work for later; runs and questions go on at the next start. */
  stopWork(): void;
  /** Leaves the log synced and the data folder free. */
  close(): Promise<void>;
};

type Opened = { readonly store: Store; readonly log: EventLog; readonly epoch: string; readonly logPath: string };

/**
 * Takes the data folder, replays its log and puts the parts together.
 * @throws Error in plain words when the folder is in use or the log is damaged.
 */
export async function openApp(options: NotesServerOptions): Promise<App> {
  const faults = { ...NO_FAULTS, ...options.faults };
  const lock = lockDataDir(options.dataDir);
  try {
    const opened = await openStore(options, faults);
    const parts = assemble(opened, options, faults);
    return {
      ...parts,
      async close() {
        await opened.log.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openStore(options: NotesServerOptions, faults: Faults): Promise<Opened> {
  const logPath = join(options.dataDir, 'events.ndjson');
  const { now } = options.clock;
  const found = await readLog(logPath);
  if (found.tornBytes > 0) {
    options.notice(`dropped ${found.tornBytes} bytes of a torn last line from the log; it was never acknowledged`);
  }
  const contents = withoutLastWrites(found, faults.loseAckedWrites);
  const lost = found.entries.length - contents.entries.length;
  if (lost > 0) options.notice(`fault lose-acked-writes: dropped the last ${lost} records of the log`);
  const { log, epoch } = await openEventLog(logPath, contents, now);
  const store = createStore(log, contents, { now, foldNote: faults.driftProjection ? foldNoteWithDrift : foldNote });
  if (options.seed && contents.entries.length === 0) seed(store);
  await store.synced();
  return { store, log, epoch, logPath };
}

function assemble(opened: Opened, options: NotesServerOptions, faults: Faults) {
  const { store, log, epoch, logPath } = opened;
  const { clock, notice, token } = options;
  const startedMs = clock.monotonic();
  const startedAtMs = clock.now();
  const identity: Identity = { bootId: randomUUID(), startedAt: new Date(startedAtMs).toISOString(), epoch };
  const metrics = createMetrics();
  const timers = createTimers();
  const sessions = createSessions(options);
  const automation = createAutomation(store, timers, options.ruleRunMs);
  const agent = createAgent(store, timers, { agentAnswerMs: options.agentAnswerMs, now: clock.now });
  const streams = createStreams({ store, metrics, clock, faults, token, wsAuth: options.wsAuth, epoch, notice });
  const gauges = (): Record<GaugeName, number> => ({
    process_start_time_seconds: startedAtMs / 1000,
    notes_events: store.durableSeq(),
    notes_stored: store.state.notes.size,
    notes_request_log_entries: store.state.requestLogEntries,
    notes_ws_connections: streams.connections(),
    notes_log_fsyncs: log.fsyncs(),
  });
  const health = () => {
    if (log.failed()) return 'log failed';
    return clock.monotonic() - startedMs < faults.slowStartMs ? 'starting' : 'ok';
  };
  const handle = createHttpHandler(
    [
      ...systemRoutes({ identity, health, renderMetrics: () => metrics.render(gauges()) }),
      ...sessionRoutes({
        sessions,
        secureCookies: options.secureCookies,
        refused: (reason) => metrics.count('notes_logins_refused_total', { reason }),
      }),
      ...noteRoutes({ store, refold: (uptoSeq) => refold(logPath, uptoSeq) }),
      ...workRoutes({ store, automation, agent, clock }),
    ],
    {
      access: createAccess(sessions, token),
      clock,
      settled: store.synced,
      answered: (method, status) => metrics.count('notes_http_requests_total', { method, status: String(status) }),
      notice,
    },
  );
  automation.resume();
  agent.resume();
  return { handle, streams, stopWork: timers.clear };
}

/** The notes as the log on disk tells them, with no help from the live state. */
async function refold(logPath: string, uptoSeq: number) {
  const { entries } = await readLog(logPath);
  const state = emptyState();
  for (const { record } of entries) {
    if (record.kind === 'event' && record.event_seq <= uptoSeq) applyRecord(state, record, foldNote);
  }
  return state.notes;
}

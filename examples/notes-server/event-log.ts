import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAcknowledgedWrite, type LogRecord, logHeader, logRecord } from './records.ts';

/** A record and the byte at which its line begins. */
type LogEntry = { readonly record: LogRecord; readonly offset: number };

export type LogContents = {
  /** Absent when the file holds no complete header: the log is new. */
  readonly epoch?: string;
  readonly entries: readonly LogEntry[];
  /** Bytes that hold whole lines; what follows was torn by a crash. */
  readonly goodBytes: number;
  readonly tornBytes: number;
};

export type EventLog = {
  /** Queues one record. It is safe once `whenDurable` is called or a later `synced()` resolves. */
  append(record: LogRecord, whenDurable?: () => void): void;
  /** Resolves when everything appended so far is on disk; rejects for good once a write has failed. */
  synced(): Promise<void>;
  failed(): boolean;
  fsyncs(): number;
  close(): Promise<void>;
};

const NEWLINE = 0x0a;

/**
 * Reads a log file; a missing file is an empty log. A last line that is cut or unreadable counts as torn: it was never
 * acknowledged, because an acknowledgement waits for the fsync of its whole line.
 * @throws Error in plain words when a line before the last is damaged.
 */
export async function readLog(path: string): Promise<LogContents> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const entries: LogEntry[] = [];
  let epoch: string | undefined;
  let offset = 0;
  let eventSeq = 0;
  for (let line = 1, end = bytes.indexOf(NEWLINE); end >= 0; line++, end = bytes.indexOf(NEWLINE, offset)) {
    const value = parseJson(bytes.toString('utf8', offset, end));
    const parsed = line === 1 ? logHeader.safeParse(value) : logRecord.safeParse(value);
    if (value === undefined && end === bytes.length - 1 && line > 1) break;
    const outOfOrder = parsed.data?.kind === 'event' && parsed.data.event_seq !== ++eventSeq;
    if (!parsed.success || outOfOrder) {
      throw new Error(`line ${line} of the log ${path} is damaged; restore the file, or move it away to start anew`);
    }
    if (parsed.data.kind === 'log') epoch = parsed.data.epoch;
    else entries.push({ record: parsed.data, offset });
    offset = end + 1;
  }
  const tornBytes = bytes.length - offset;
  return epoch === undefined ? { entries, goodBytes: 0, tornBytes } : { epoch, entries, goodBytes: offset, tornBytes };
}

/** The fault `lose-acked-writes`: the contents as they are after the last `count` acknowledged writes fell off the end. */
export function withoutLastWrites(contents: LogContents, count: number): LogContents {
  const writes = contents.entries.flatMap(({ record }, index) => (isAcknowledgedWrite(record) ? [index] : []));
  const cutAt = writes.at(-count);
  const cut = cutAt === undefined || count < 1 ? undefined : contents.entries[cutAt];
  if (cut === undefined || cutAt === undefined) return contents;
  return { ...contents, entries: contents.entries.slice(0, cutAt), goodBytes: cut.offset };
}

/** Opens the file for appending after `contents`, cutting off whatever lies behind; a new log gets a header and an epoch. */
export async function openEventLog(
  path: string,
  contents: LogContents,
  now: () => number,
): Promise<{ readonly log: EventLog; readonly epoch: string }> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, constants.O_CREAT | constants.O_RDWR | constants.O_APPEND);
  await truncate(path, contents.goodBytes);
  const epoch = contents.epoch ?? randomUUID();
  if (contents.epoch === undefined) {
    const header = { kind: 'log', version: 1, epoch, at: new Date(now()).toISOString() };
    await handle.appendFile(`${JSON.stringify(header)}\n`);
  }
  await handle.sync();
  await syncFolder(dirname(path));
  return { log: groupCommit(handle), epoch };
}

type Batch = { text: string; readonly whenDurable: (() => void)[]; readonly done: PromiseWithResolvers<void> };

function newBatch(): Batch {
  const done = Promise.withResolvers<void>();
  // A failed batch may have nobody waiting; the failure stays visible in `failed()`.
  done.promise.catch(() => {});
  return { text: '', whenDurable: [], done };
}

/** Group commit: while one batch is being fsynced, the next collects, so that many writers share one fsync. */
function groupCommit(handle: FileHandle): EventLog {
  let collecting: Batch | undefined;
  let writing: Promise<void> = Promise.resolve();
  let failure: Error | undefined;
  let fsyncs = 0;

  async function write(batch: Batch): Promise<void> {
    if (collecting === batch) collecting = undefined;
    try {
      if (failure !== undefined) throw failure;
      await handle.appendFile(batch.text);
      await handle.datasync();
      fsyncs++;
      for (const tell of batch.whenDurable) tell();
      batch.done.resolve();
    } catch (error) {
      // After a failed fsync the kernel may have dropped the pages: no later success can be trusted.
      failure = error instanceof Error ? error : new Error(String(error));
      batch.done.reject(failure);
    }
  }

  return {
    append(record, whenDurable) {
      const batch = collecting ?? newBatch();
      if (collecting === undefined) {
        collecting = batch;
        writing = writing.then(() => write(batch));
      }
      batch.text += `${JSON.stringify(record)}\n`;
      if (whenDurable !== undefined) batch.whenDurable.push(whenDurable);
    },
    async synced() {
      const batch = collecting;
      await (batch === undefined ? writing : batch.done.promise);
      if (failure !== undefined) throw failure;
    },
    failed: () => failure !== undefined,
    fsyncs: () => fsyncs,
    async close() {
      await writing;
      await handle.close();
    },
  };
}

/** Without this a power cut can lose the file's name although its bytes were synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  await folder.sync();
  await folder.close();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

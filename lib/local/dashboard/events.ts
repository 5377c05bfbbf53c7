import type { ServerResponse } from 'node:http';
import type { Clock } from '../../probe/prober.ts';

/** Two a second are live to the eye, whatever 1,000 probes do. */
const APART_MS = 500;
/** Well under the minute after which proxies give up on a silent connection; the page waits for three. */
const HEARTBEAT_MS = 15_000;
/** A reader that is this far behind has gone without a word. */
const BACKLOG_BYTES = 16_384;

export type ChangeStream = {
  /** Keeps a response open and tells it of every change from now on. */
  add(response: ServerResponse): void;
  /** Something changed: readers hear it soon, and once, however often this is called meanwhile. */
  announce(): void;
  /** Ends every response at once. */
  close(): void;
};

/** Server-Sent Events that only say that something changed; each page then asks for what it shows. */
export function openChangeStream(clock: Clock): ChangeStream {
  const readers = new Set<ServerResponse>();
  let lastMs = Number.NEGATIVE_INFINITY;
  let pending: NodeJS.Timeout | undefined;
  let closed = false;

  const send = (event: string): void => {
    for (const reader of readers) {
      if (reader.writableLength > BACKLOG_BYTES) reader.destroy();
      else reader.write(`event: ${event}\ndata: {}\n\n`);
    }
  };
  const heartbeat = setInterval(() => send('heartbeat'), HEARTBEAT_MS).unref();

  return {
    add(response) {
      if (closed) {
        response.end();
        return;
      }
      readers.add(response);
      response.on('close', () => readers.delete(response));
      response.write('retry: 1000\nevent: hello\ndata: {}\n\n');
    },
    announce() {
      if (pending !== undefined || readers.size === 0) return;
      const waitMs = Math.max(0, lastMs + APART_MS - clock.monotonic());
      pending = setTimeout(() => {
        pending = undefined;
        lastMs = clock.monotonic();
        send('change');
      }, waitMs);
    },
    close() {
      closed = true;
      clearInterval(heartbeat);
      clearTimeout(pending);
      for (const reader of readers) reader.end();
    },
  };
}

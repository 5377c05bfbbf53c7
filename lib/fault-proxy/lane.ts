/** Sends in order: each entry after all before it, and no sooner than its own delay. */
export type Lane = {
  /** `send` calls `done` when its bytes have left, or never will. */
  push(bytes: number, delayMs: number, send: (done: () => void) => void): void;
  /** Forgets what was not sent. */
  clear(): void;
};

type Entry = {
  readonly bytes: number;
  ready: boolean;
  timer?: NodeJS.Timeout;
  readonly send: (done: () => void) => void;
};

/** Bytes on their way in one direction before its source has to wait. */
const highWaterBytes = 4 * 1024 ** 2;
/** What an entry weighs beyond its bytes: a flood of empty frames is bounded too. */
const entryBytes = 128;

/** `source` is paused while too much is on its way, so that a slow reader or a long delay costs no memory. */
export const createLane = (source: { pause(): void; resume(): void }): Lane => {
  const queue: Entry[] = [];
  let inFlight = 0;
  let paused = false;
  const sent = (bytes: number) => {
    inFlight -= bytes;
    if (paused && inFlight <= highWaterBytes / 2) {
      paused = false;
      source.resume();
    }
  };
  const flush = () => {
    for (let next = queue[0]; next?.ready; next = queue[0]) {
      queue.shift();
      const { bytes } = next;
      next.send(() => sent(bytes));
    }
  };
  return {
    push: (size, delayMs, send) => {
      const bytes = size + entryBytes;
      const entry: Entry = { bytes, ready: delayMs === 0, send };
      if (!entry.ready) {
        entry.timer = setTimeout(() => {
          entry.ready = true;
          flush();
        }, delayMs);
      }
      queue.push(entry);
      inFlight += bytes;
      if (!paused && inFlight > highWaterBytes) {
        paused = true;
        source.pause();
      }
      flush();
    },
    clear: () => {
      for (const { timer, bytes } of queue.splice(0)) {
        clearTimeout(timer);
        sent(bytes);
      }
    },
  };
};

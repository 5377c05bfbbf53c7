/** Work for later that must not outlive the server. */
export type Timers = { after(delayMs: number, work: () => void): void; clear(): void };

export function createTimers(): Timers {
  const waiting = new Set<NodeJS.Timeout>();
  return {
    after(delayMs, work) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        work();
      }, delayMs);
      waiting.add(timer);
    },
    clear() {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
}

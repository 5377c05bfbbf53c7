/** Three heartbeats of the server: silent for longer, the connection is dead without having said so. */
const SILENCE_MS = 45_000;
const RETRY_MS = 1_000;

/**
 * Hears of changes for as long as the page is open, and connects again by itself.
 *
 * @param {string} url
 * @param {{ onChange: () => void, onStatus: (status: 'live' | 'reconnecting') => void }} listener `onChange` is also
 *   called after each (re)connection, for what was missed meanwhile
 */
export function listen(url, { onChange, onStatus }) {
  /** @type {number | undefined} */
  let watchdog;
  const connect = () => {
    const source = new EventSource(url);
    const again = () => {
      source.close();
      onStatus('reconnecting');
      clearTimeout(watchdog);
      watchdog = setTimeout(connect, RETRY_MS);
    };
    const heard = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(again, SILENCE_MS);
    };
    source.addEventListener('hello', () => {
      heard();
      onStatus('live');
      onChange();
    });
    // Time passes too: what is due next moves on without a word.
    source.addEventListener('heartbeat', () => {
      heard();
      onChange();
    });
    source.addEventListener('change', () => {
      heard();
      onChange();
    });
    // A browser tries again after some errors and gives up after others; this way there is one rule.
    source.addEventListener('error', again);
  };
  connect();
}

/**
 * `work`, one at a time: asked while it runs, it runs once more afterwards, however often it was asked.
 *
 * @param {() => Promise<void>} work
 */
export function oneAtATime(work) {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await work();
    }
    running = false;
  };
}

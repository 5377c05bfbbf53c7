import { unwatchFile, watchFile } from 'node:fs';

/** How often the file is looked at. Half a second is soon enough for a person who has just saved. */
const lookMs = 500;

/** A file is written in pieces, and an editor may remove it before it puts it back. */
const calmMs = 100;

/**
 * Calls back after a file was changed, replaced or made, once it has been calm for a moment. It looks rather than
 * listens, which holds for links, network shares and containers too. Answers how to stop.
 */
export const onFileChange = (path: string, changed: () => void): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, calmMs);
  };
  watchFile(path, { interval: lookMs, persistent: false }, look);
  return () => {
    clearTimeout(timer);
    unwatchFile(path, look);
  };
};

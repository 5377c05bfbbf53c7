// Preloaded (`--import`) into a process that is measured: answers each message with what it holds and has used by then.
import { isMainThread } from 'node:worker_threads';
import type { Look } from '../sequences/round.ts';

if (isMainThread && process.send) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const look: Look = { rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 };
    process.send?.(look);
  });
  // To be asked is no reason to stay.
  process.channel?.unref();
}

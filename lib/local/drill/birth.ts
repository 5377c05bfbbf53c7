import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** In clock ticks since the machine booted; after the name, which may hold anything, it is the 20th word. */
const fromProc = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended: nobody has asked for its exit code yet.
    return words[0] === 'Z' ? undefined : words[19];
  } catch {
    return undefined;
  }
};

const fromPs = (pid: number): string | undefined =>
  spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || undefined;

/** When a process began, in words of the system's own: another birth under the same id is another process. Absent: none lives. */
export const birthOf = (pid: number): string | undefined =>
  process.platform === 'linux' ? fromProc(pid) : fromPs(pid);

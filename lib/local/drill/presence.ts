import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile } from '../watch-lock.ts';

const folderOf = (dataFolder: string): string => join(dataFolder, 'drills');
const fileOf = (dataFolder: string, runId: string): string => join(folderOf(dataFolder), `${runId}.alive`);

/**
 * Says that this process carries out a run, for as long as it lives: the kernel takes the word back from a killed one.
 * Answers how to take it back oneself.
 */
export const announceRun = (dataFolder: string, runId: string): (() => void) => {
  mkdirSync(folderOf(dataFolder), { recursive: true, mode: 0o700 });
  const file = fileOf(dataFolder, runId);
  const release = lockFile(file);
  if (!release) throw new Error(`another process carries out ${runId}`);
  return () => {
    release();
    rmSync(file, { force: true });
  };
};

/** Whether a living process carries out a run. It is asked for runs that have written something, and so have said it. */
export const isRunAlive = (dataFolder: string, runId: string): boolean => {
  const file = fileOf(dataFolder, runId);
  if (!existsSync(file)) return false;
  const release = lockFile(file);
  if (!release) return true;
  release();
  return false;
};

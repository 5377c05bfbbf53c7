/**
 * What is wrong with a store that cannot be used. All of them are our own side, never the service's: exit 3.
 *
 * `newer`: a later version wrote it. `not-a-store`: somebody else's file. `io`: the disk failed in another way.
 */
export type StoreProblem = 'newer' | 'corrupt' | 'readonly' | 'full' | 'locked' | 'not-a-store' | 'io';

/** Carries one sentence for a person: what is wrong with which file, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly problem: StoreProblem;
  readonly path: string;

  constructor(problem: StoreProblem, path: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.problem = problem;
    this.path = path;
  }
}

const remedies: Readonly<Record<Exclude<StoreProblem, 'newer'>, (path: string) => string>> = {
  corrupt: (path) => `the store ${path} is damaged; move it away (a new one is made) or restore a backup`,
  readonly: (path) =>
    `the store ${path} cannot be written; give yourself write permission or choose another --data folder`,
  full: (path) => `no space left for the store ${path}; free some disk space and run again`,
  locked: (path) =>
    `the store ${path} is locked by another process; wait for it to finish or choose another --data folder`,
  'not-a-store': (path) => `${path} is not a Plimsoll store; move it away or choose another --data folder`,
  io: (path) => `the disk failed under the store ${path}; check the disk or choose another --data folder`,
};

export const storeError = (problem: Exclude<StoreProblem, 'newer'>, path: string, cause?: unknown): StoreError => {
  const detail = problem === 'io' && cause instanceof Error ? ` (${cause.message})` : '';
  return new StoreError(problem, path, remedies[problem](path) + detail, cause);
};

export const newerError = (path: string, found: number, known: number): StoreError =>
  new StoreError(
    'newer',
    path,
    `the store ${path} was written by a newer Plimsoll (its layout is version ${found}, this one knows ${known}); upgrade Plimsoll or choose another --data folder`,
  );

/** By SQLite's primary result code, https://sqlite.org/rescode.html. */
const problemByCode: Readonly<Record<number, Exclude<StoreProblem, 'newer'>>> = {
  // Our SQL is fixed: it can only be wrong for a file that lacks a table.
  1: 'corrupt',
  5: 'locked',
  6: 'locked',
  8: 'readonly',
  10: 'io',
  11: 'corrupt',
  13: 'full',
  14: 'readonly',
  26: 'not-a-store',
};

/** The file ends before the page that was asked for: SQLITE_IOERR_SHORT_READ. */
const shortRead = 522;

const problemByErrno: Readonly<Record<string, Exclude<StoreProblem, 'newer'>>> = {
  EACCES: 'readonly',
  EPERM: 'readonly',
  EROFS: 'readonly',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EISDIR: 'not-a-store',
  ENOTDIR: 'not-a-store',
  EEXIST: 'not-a-store',
};

const problemOf = (error: Error): Exclude<StoreProblem, 'newer'> | undefined => {
  if ('errcode' in error && typeof error.errcode === 'number') {
    return error.errcode === shortRead ? 'corrupt' : problemByCode[error.errcode & 0xff];
  }
  // node:fs, while the folder is made.
  if ('syscall' in error && 'code' in error) return problemByErrno[String(error.code)] ?? 'io';
  // node:zlib and JSON.parse, over what the disk gave back.
  return ('code' in error && String(error.code).startsWith('Z_')) || error instanceof SyntaxError
    ? 'corrupt'
    : undefined;
};

/** Runs work on the store; what the disk or the file is to blame for becomes a StoreError, all else passes. */
export const naming = <T>(path: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    const problem = error instanceof Error && !(error instanceof StoreError) ? problemOf(error) : undefined;
    throw problem ? storeError(problem, path, error) : error;
  }
};

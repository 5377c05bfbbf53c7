import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { HistoryError } from './error.ts';

/** Bytes to read, and how many there are, where that is known. */
export type Source = { readonly bytes: AsyncIterable<Buffer>; readonly size?: number };

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'is not there: check the path',
  ENOTDIR: 'is not there: check the path',
  EACCES: 'may not be read: check its permissions',
  EPERM: 'may not be read: check its permissions',
  EISDIR: 'is a folder: name a file in it',
};

const errorOf = (error: unknown, name: string): unknown => {
  if (!(error instanceof Error && 'code' in error)) return error;
  const code = String(error.code);
  return new HistoryError(`${name} ${sentences[code] ?? `could not be read (${code})`}`);
};

async function* naming(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw errorOf(error, name);
  }
}

const chunkBytes = 1 << 20;

/**
 * A file as a stream of bytes. `name` is how sentences call it.
 *
 * @throws HistoryError when it is not there, may not be read or is a folder.
 */
export const openFile = async (path: string, name: string): Promise<Source> => {
  const found = await stat(path).catch((error: unknown) => {
    throw errorOf(error, name);
  });
  if (found.isDirectory()) throw new HistoryError(`${name} ${sentences.EISDIR}`);
  const bytes = naming(createReadStream(path, { highWaterMark: chunkBytes }), name);
  // A pipe has no size.
  return found.isFile() ? { bytes, size: found.size } : { bytes };
};

/** A small file as text. @throws HistoryError also when it holds more than `maxBytes`. */
export const readSmallFile = async (path: string, name: string, maxBytes: number): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of (await openFile(path, name)).bytes) {
    parts.push(part);
    length += part.length;
    if (length > maxBytes) throw new HistoryError(`${name} is over ${maxBytes.toLocaleString('en-US')} bytes`);
  }
  return Buffer.concat(parts).toString('utf8');
};

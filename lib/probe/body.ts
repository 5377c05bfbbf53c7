import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { Failure } from '../result/result.ts';
import { failureOf } from './failure.ts';

/** A body read whole, or how far it came. */
export type BodyRead = { readonly body: Buffer } | { readonly failure: Failure; readonly partial: Buffer };

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

const bytes = new Intl.NumberFormat('en-US');

const tooLarge = (limit: number, encoded: boolean): Failure => ({
  kind: 'limit',
  message: `the body is larger than ${bytes.format(limit)} bytes${encoded ? ' once decoded' : ''}, the most that is read`,
});

const truncated = (message: IncomingMessage, read: number): Failure => {
  const promised = message.headers['content-length'];
  return {
    kind: 'reset',
    message: `the connection was closed after ${bytes.format(read)}${promised ? ` of ${bytes.format(Number(promised))}` : ''} bytes of the body`,
  };
};

/**
 * Reads a body, decoded as its content-encoding says, up to `maxBytes` after decoding: a compression bomb ends at the
 * limit, not in memory. Never rejects.
 */
export const readBody = (message: IncomingMessage, maxBytes: number): Promise<BodyRead> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let received = 0;
    const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    const hasBody =
      message.statusCode !== 204 && message.statusCode !== 304 && message.headers['content-length'] !== '0';
    const decoder = hasBody ? decoders[encoding]?.() : undefined;
    const fail = (failure: Failure) => resolve({ failure, partial: Buffer.concat(chunks) });
    message.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    const source = decoder ? message.pipe(decoder) : message;
    source.on('data', (chunk: Buffer) => {
      const room = maxBytes - size;
      size += chunk.length;
      if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
      if (size > maxBytes) fail(tooLarge(maxBytes, decoder !== undefined));
    });
    source.once('end', () => resolve({ body: Buffer.concat(chunks) }));
    decoder?.once('error', (error) => {
      // A HEAD answer announces an encoding for a body that never comes.
      if (received === 0) return resolve({ body: Buffer.alloc(0) });
      fail({ kind: 'protocol', message: `the body is not valid ${encoding}: ${error.message}` });
    });
    message.once('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ECONNRESET' ? truncated(message, received) : failureOf(error)),
    );
    message.once('close', () => {
      if (!message.complete) fail(truncated(message, received));
    });
  });

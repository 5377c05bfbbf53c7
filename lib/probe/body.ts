import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Failure } from '../result/result.ts';
import { codingsOf, createDecoders, type Decoder, maxCodings } from './content-coding.ts';
import { failureOf } from './failure.ts';

/** A body read whole, or how far it came. */
export type BodyRead = { readonly body: Buffer } | { readonly failure: Failure; readonly partial: Buffer };

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

/** One buffer that grows: a chunk of one byte must not cost an object, nor keep the network buffer that it is a view of. */
const createSink = (maxBytes: number) => {
  let buffer = Buffer.alloc(0);
  let length = 0;
  return {
    /** Takes what there is room for; answers whether that was all of it. */
    take: (chunk: Buffer): boolean => {
      const end = length + Math.min(chunk.length, maxBytes - length);
      if (end > buffer.length) {
        const grown = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(4_096, 2 * end)));
        buffer.copy(grown, 0, 0, length);
        buffer = grown;
      }
      chunk.copy(buffer, length, 0, end - length);
      const all = length + chunk.length === end;
      length = end;
      return all;
    },
    bytes: (): Buffer => buffer.subarray(0, length),
  };
};

const mayHaveBody = ({ statusCode, headers }: IncomingMessage): boolean =>
  statusCode !== 204 && statusCode !== 304 && headers['content-length'] !== '0';

/** The message through its decoders, one after the other. */
const decode = (message: IncomingMessage, decoders: readonly Decoder[]): Readable =>
  decoders.reduce<Readable>((source, { stream }) => source.pipe(stream), message);

/**
 * Reads a body, decoded as its content-encoding says, up to `maxBytes` after decoding: a compression bomb ends at the
 * limit, not in memory. Never rejects.
 */
export const readBody = (message: IncomingMessage, maxBytes: number): Promise<BodyRead> => {
  const codings = mayHaveBody(message) ? codingsOf(message.headers['content-encoding']) : [];
  const decoders = codings.length <= maxCodings ? createDecoders(codings) : [];
  const sink = createSink(maxBytes);
  let received = 0;
  const { promise, resolve } = Promise.withResolvers<BodyRead>();
  const succeed = () => resolve({ body: sink.bytes() });
  const fail = (failure: Failure) => {
    resolve({ failure, partial: sink.bytes() });
    // A decoder goes on inflating what it has: a bomb would be idle work for minutes.
    for (const { stream } of decoders) stream.destroy();
  };
  message.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  const source = decode(message, decoders);
  source.on('data', (chunk: Buffer) => {
    if (!sink.take(chunk)) fail(tooLarge(maxBytes, decoders.length > 0));
  });
  source.once('end', succeed);
  for (const { name, stream } of decoders) {
    stream.on('error', (error) => {
      // A HEAD answer announces an encoding for a body that never comes.
      if (received === 0) succeed();
      else fail({ kind: 'protocol', message: `the body is not valid ${name}: ${error.message}` });
    });
  }
  message.on('error', (error: NodeJS.ErrnoException) =>
    fail(error.code === 'ECONNRESET' ? truncated(message, received) : failureOf(error)),
  );
  message.once('close', () => {
    if (!message.complete) fail(truncated(message, received));
  });
  if (codings.length > maxCodings) {
    const message = `the body has ${codings.length} content-codings, one upon the other; at most ${maxCodings} are undone`;
    fail({ kind: 'limit', message });
  }
  return promise;
};

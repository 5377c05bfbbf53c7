import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** A real server on loopback and port 0, with a count of what reached it. */
export type Target = {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  readonly connections: () => number;
  close(): Promise<void>;
};

const listen = async (server: Server, scheme: string, requests: Target['requests']): Promise<Target> => {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const recording = (
  handler: RequestListener,
  requests: { method: string; path: string; headers: IncomingMessage['headers'] }[],
) =>
  ((request: IncomingMessage, response: ServerResponse) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    return handler(request, response as Parameters<RequestListener>[1]);
  }) as RequestListener;

export const startHttpTarget = (handler: RequestListener): Promise<Target> => {
  const requests: { method: string; path: string; headers: IncomingMessage['headers'] }[] = [];
  return listen(createServer(recording(handler, requests)), 'http', requests);
};

export const startHttpsTarget = (options: ServerOptions, handler: RequestListener): Promise<Target> => {
  const requests: { method: string; path: string; headers: IncomingMessage['headers'] }[] = [];
  return listen(createTlsServer(options, recording(handler, requests)), 'https', requests);
};

/** A server that speaks whatever `talk` writes: broken HTTP, half an answer, nothing. */
export const startTcpTarget = (talk: (socket: Socket) => void): Promise<Target> =>
  listen(createTcpServer(talk), 'http', []);

/** Answers JSON. */
export const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

/** The whole body of a request, as text. */
export const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

import { createServer, type Server } from 'node:http';
import { type App, openApp } from './app.ts';
import { DEFAULT_OPTIONS, type NotesServerOptions } from './options.ts';

export type NotesServer = {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** `ws://host:port/ws`. */
  readonly wsUrl: string;
  readonly port: number;
  /** Lets requests under way finish, closes websockets with 1001 and leaves the log synced. May be called twice. */
  close(): Promise<void>;
};

/** Longer than the pause between most probes, so that keep-alive is theirs to end. */
const KEEP_ALIVE_MS = 65_000;
const CLOSE_GRACE_MS = 1_000;

/**
 * Starts the server in this process; every option has a default.
 * @throws Error in plain words when the port is taken, the data folder is in use or the log is damaged.
 */
export async function startNotesServer(overrides: Partial<NotesServerOptions> = {}): Promise<NotesServer> {
  const options = { ...DEFAULT_OPTIONS, ...overrides };
  const opening = Promise.withResolvers<App>();
  // Nobody may be waiting for it yet when it fails.
  opening.promise.catch(() => {});
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  route(server, opening.promise, options);
  // The port is taken first, so that a second server on it stops before it has touched the log of the first.
  const port = await listen(server, options);
  const app = await openApp(options).catch((error: unknown) => {
    opening.reject(error);
    server.close();
    server.closeAllConnections();
    throw error;
  });
  opening.resolve(app);
  const authority = `${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${authority}`,
    wsUrl: `ws://${authority}/ws`,
    port,
    close() {
      closing ??= closeAll(server, app);
      return closing;
    },
  };
}

/** Requests that arrive before the log is open wait for it. */
function route(server: Server, opening: Promise<App>, { clock }: NotesServerOptions): void {
  server.on('request', (request, response) => {
    const startedMs = clock.monotonic();
    opening.then((app) => app.handle(request, response, startedMs)).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    const startedMs = clock.monotonic();
    opening.then((app) => app.streams.upgrade(request, socket, head, startedMs)).catch(() => socket.destroy());
  });
}

async function listen(server: Server, { host, port }: NotesServerOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  await promise.catch((error: NodeJS.ErrnoException) => {
    throw new Error(whyNotListening(error, host, port));
  });
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
}

function whyNotListening(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is already in use; stop what holds it or choose another --port`;
    case 'EACCES':
      return `this user may not listen on port ${port}; choose a --port above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not an address of this machine; choose another --host`;
    default:
      return `cannot listen on ${host}, port ${port}: ${error.message}`;
  }
}

async function closeAll(server: Server, app: App): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  app.stopWork();
  app.streams.close();
  server.close(() => resolve());
  const grace = setTimeout(() => {
    server.closeAllConnections();
    app.streams.terminate();
  }, CLOSE_GRACE_MS);
  await promise;
  clearTimeout(grace);
  // A request that was under way may have queued work.
  app.stopWork();
  await app.close();
}

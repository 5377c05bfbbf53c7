import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { type Dialling, maxHeaderSize, type ProxyContext, type Watch } from './context.ts';
import { carryExchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { formatFault } from './grammar/format.ts';
import { faultsOf } from './grammar/parse.ts';
import { createRules, type FaultHits } from './rules.ts';
import { carryUpgrade } from './upgrade.ts';

export type FaultProxyOptions = {
  /** Origin: `http://127.0.0.1:8080` or https; websockets go to the same host and port. */
  readonly target: string;
  /** Default none: transparent. */
  readonly faults?: readonly Fault[];
  /** The same seed, faults and traffic give the same hits. Default 1. */
  readonly seed?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly dialling?: Dialling;
  readonly watch?: Watch;
  /** The target could not be reached or broke off; the client sees its connection fail. Default: not told. */
  readonly onTargetError?: (message: string) => void;
};

export type FaultProxy = {
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
  /** Takes hold at the next request and the next frame, of open connections too; all counts start again. */
  setFaults(faults: readonly Fault[]): void;
  /** Per fault, in the order given, since the faults were set. */
  hits(): readonly FaultHits[];
  /** Ends every connection at once. */
  close(): Promise<void>;
};

const targetOf = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash && !url.username;
  if (!isOrigin)
    throw new TypeError(`the target must be an origin such as http://127.0.0.1:8080, not ${text || 'nothing'}`);
  return url;
};

/** Typed faults are held to the same bounds as written ones. */
const checked = (faults: readonly Fault[]): readonly Fault[] => {
  faultsOf(...faults.map(formatFault));
  return faults;
};

/**
 * Starts a proxy between a client and a target that does to their HTTP answers and websocket frames what the faults say.
 *
 * @throws TypeError for a target or a fault that cannot be; the listener's own error when the port is taken.
 */
export const startFaultProxy = async (options: FaultProxyOptions): Promise<FaultProxy> => {
  const { seed = 1, host = '127.0.0.1', port = 0, onTargetError = () => {}, dialling = {}, watch = {} } = options;
  const target = targetOf(options.target);
  let rules = createRules(checked(options.faults ?? []), seed, watch.frame);
  const sockets = { ...dialling, keepAlive: true };
  const agent = target.protocol === 'https:' ? new SecureAgent(sockets) : new Agent(sockets);
  const targets = new Set<WebSocket>();
  const clients = new Set<Socket>();
  const context: ProxyContext = { target, agent, dialling, watch, targets, rules: () => rules, onTargetError };
  const server = createServer({
    maxHeaderSize,
    // Limits on time are the two ends' own.
    requestTimeout: 0,
    keepAliveTimeout: 0,
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.maxHeadersCount = 0;
  server.on('connection', (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
  });
  server.on('request', (request, response) => void carryExchange(request, response, context));
  server.on('upgrade', (request, socket, head) => void carryUpgrade(request, socket, head, context));
  server.listen(port, host);
  await once(server, 'listening');
  const listening = (server.address() as AddressInfo).port;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${listening}`;
  return {
    url: `http://${authority}`,
    wsUrl: `ws://${authority}`,
    port: listening,
    setFaults: (faults) => {
      rules = createRules(checked(faults), seed, watch.frame);
    },
    hits: () => rules.hits(),
    close: async () => {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      for (const socket of clients) socket.destroy();
      for (const ws of targets) ws.terminate();
      agent.destroy();
      await closed;
    },
  };
};

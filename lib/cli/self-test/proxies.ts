import { getCACertificates } from 'node:tls';
import type { TlsPlan } from '../../config/plan.ts';
import type { SeenAnswer, SeenFrame } from '../../fault-proxy/context.ts';
import type { Fault } from '../../fault-proxy/fault.ts';
import { type FaultProxy, startFaultProxy } from '../../fault-proxy/proxy.ts';
import type { Guard } from '../../probe/guard.ts';
import type { Route } from '../../probe/prober.ts';

/** Where a probe's connections led, and with which TLS settings first. */
export type Origin = { readonly tls: TlsPlan; readonly websocket: boolean };

const originOf = (url: URL): string => new URL(url.href.replace(/^ws/, 'http')).origin;

/** A route that leads everybody where they would have gone, and remembers where that was. */
export const recordOrigins = () => {
  const origins = new Map<string, Origin>();
  const route: Route = (url, tls) => {
    const origin = originOf(url);
    const before = origins.get(origin);
    origins.set(origin, {
      tls: before?.tls ?? tls,
      websocket: before?.websocket === true || url.protocol.startsWith('ws'),
    });
    return undefined;
  };
  return { route, origins: origins as ReadonlyMap<string, Origin> };
};

/** A fault proxy before each origin of a probe. */
export type Proxies = {
  readonly route: Route;
  /** What is done to one origin's traffic from now on, and nothing to the others'. Counts start again. */
  set(origin?: string, fault?: Fault): void;
  /** How often it was done. */
  hits(): number;
  close(): Promise<void>;
};

export type Witness = {
  answer(origin: string, seen: SeenAnswer): void;
  frame(origin: string, seen: SeenFrame): void;
};

/** The proxy goes where the guard would have let the probe go, with the TLS settings of the plan. */
const diallingOf = ({ verify, ca, serverName }: TlsPlan, guard: Guard) => ({
  lookup: guard.lookup,
  rejectUnauthorized: verify,
  ...(ca ? { ca: [...getCACertificates('default'), ca] } : {}),
  ...(serverName ? { servername: serverName } : {}),
});

/** Starts them on free ports of loopback. */
export const startProxies = async (
  origins: ReadonlyMap<string, Origin>,
  guard: Guard,
  witness: Witness,
): Promise<Proxies> => {
  const proxies = new Map<string, FaultProxy>();
  const close = async () => {
    await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
  };
  const set: Proxies['set'] = (origin, fault) => {
    for (const [name, proxy] of proxies) proxy.setFaults(fault && name === origin ? [fault] : []);
  };
  try {
    for (const [origin, { tls }] of origins) {
      const watch = {
        answer: (seen: SeenAnswer) => witness.answer(origin, seen),
        frame: (seen: SeenFrame) => witness.frame(origin, seen),
      };
      proxies.set(origin, await startFaultProxy({ target: origin, dialling: diallingOf(tls, guard), watch }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    route: (url) => {
      const proxy = proxies.get(originOf(url));
      return proxy && { host: '127.0.0.1', port: proxy.port };
    },
    set,
    hits: () => [...proxies.values()].flatMap((proxy) => proxy.hits()).reduce((sum, { hits }) => sum + hits, 0),
    close,
  };
};

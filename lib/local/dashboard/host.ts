import { isIP } from 'node:net';

/** A name, an IPv4 address or an IPv6 one in brackets, and perhaps a port (RFC 9110 section 7.2). */
const SHAPE = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]+))(?::\d{1,5})?$/i;

/**
 * Whether a request that names this host may be answered. A page of the web can make its own name point at a loopback
 * address and then read what is served there (DNS rebinding), but the browser still sends that name: only loopback
 * names and the host that we are bound to pass. Bound to every interface, an address passes too, for it is no name.
 */
export function isHostAllowed(header: string | undefined, bound: string): boolean {
  const shape = SHAPE.exec(header ?? '');
  if (shape === null) return false;
  const name = (shape[1] ?? shape[2] ?? '').toLowerCase();
  if (name === 'localhost' || name === bare(bound) || isLoopback(name)) return true;
  return isWildcard(bound) && isIP(name) !== 0;
}

/** How a browser on this machine reaches what is bound to `host`. */
export function urlOf(host: string, port: number): string {
  const name = isWildcard(host) ? 'localhost' : bare(host);
  return `http://${isIP(name) === 6 ? `[${name}]` : name}:${port}`;
}

function isLoopback(name: string): boolean {
  return name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

function isWildcard(host: string): boolean {
  return bare(host) === '0.0.0.0' || bare(host) === '::';
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

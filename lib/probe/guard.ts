import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Keeps probes out of networks that a monitor has no business in (SSRF): each address is checked after it was resolved,
 * and the connection goes to that address, so an answer that changes between check and use (DNS rebinding) gains nothing.
 */
export type Guard = {
  /** Why this address is closed, in plain words; nothing where it is open. */
  refusal(address: string): string | undefined;
  /** For the `lookup` option of net, tls and http: answers only open addresses. Literal addresses never come here. */
  readonly lookup: LookupFunction;
};

export type GuardPolicy = {
  /** CIDR ranges opened on purpose. */
  readonly allow: readonly string[];
  /** Loopback is open on a laptop in dev, and nowhere else unless allowed. */
  readonly loopback: boolean;
};

/** An address that the guard keeps closed. */
export class GuardError extends Error {
  override name = 'GuardError';
  readonly code = 'EGUARD';
}

type Range = readonly [network: string, prefix: number];

// IANA special-purpose registries (RFC 6890), and the metadata and credential addresses of the clouds.
const forbidden: readonly Range[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
];
const closed: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['fc00::', 7],
  // Old and local ways to carry an IPv4 address inside: nothing public is behind them, and what is, is not what is shown.
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
];
const loopback: readonly Range[] = [
  ['127.0.0.0', 8],
  ['::1', 128],
];
/** Prefixes that carry an IPv4 address in their last 32 bits: NAT64 (RFC 6052). */
const nat64 = '64:ff9b::';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const rangesOf = (ranges: readonly Range[]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, familyOf(network));
  return list;
};

const parseCidr = (cidr: string): Range => {
  const [network = '', prefix] = cidr.split('/');
  return [network, prefix === undefined ? (isIP(network) === 6 ? 128 : 32) : Number(prefix)];
};

/** The IPv4 address inside a mapped (`::ffff:`) or NAT64 address, else the address itself. */
const unwrap = (address: string): string => {
  if (isIP(address) !== 6) return address;
  // The URL parser is Node's own normaliser of IPv6 text.
  const normal = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const inner = normal.startsWith('::ffff:')
    ? normal.slice('::ffff:'.length)
    : normal.startsWith(nat64)
      ? normal.slice(nat64.length)
      : undefined;
  const words = inner?.split(':');
  if (!words || words.length > 2 || words.some((word) => word === '')) return normal;
  const value = words.reduce((sum, word) => sum * 65_536 + Number.parseInt(word, 16), 0);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
};

const judgeAddress = (policy: GuardPolicy): Guard['refusal'] => {
  const [never, own, looped, rest] = [forbidden, policy.allow.map(parseCidr), loopback, closed].map(rangesOf);
  return (address) => {
    const inner = unwrap(address);
    const family = familyOf(inner);
    if (never?.check(inner, family)) {
      return `${address} is a metadata, link-local or reserved address, which no probe may reach`;
    }
    if (own?.check(inner, family)) return undefined;
    if (looped?.check(inner, family)) {
      return policy.loopback ? undefined : `${address} is loopback: add it to network.allow to open it`;
    }
    return rest?.check(inner, family) ? `${address} is private: add its range to network.allow to open it` : undefined;
  };
};

/** All addresses of a host, in the order in which they are to be tried. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The system's own resolver, with its hosts file and its order. */
const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true, verbatim: true });

/** What `net` takes; an empty answer would come out of it as a complaint of its own. */
const noAddress = (hostname: string): Error =>
  Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });

const openAddresses = async (hostname: string, resolve: Resolve, refusal: Guard['refusal']) => {
  const found = (await resolve(hostname)).filter(({ address }) => isIP(address) !== 0);
  if (found.length === 0) throw noAddress(hostname);
  const open = found.filter(({ address }) => refusal(address) === undefined);
  const first = found[0];
  if (open.length === 0 && first) throw new GuardError(`${hostname}: ${refusal(first.address)}`);
  return open;
};

export const createGuard = (policy: GuardPolicy, resolve: Resolve = resolveBySystem): Guard => {
  const refusal = judgeAddress(policy);
  return {
    refusal,
    lookup: (hostname, options, callback) => {
      openAddresses(hostname, resolve, refusal).then(
        (addresses) => {
          const first = addresses[0];
          if (options.all || !first) callback(null, addresses);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      );
    },
  };
};

/** Why a URL's host is refused before anything is resolved: a literal address never passes through `lookup`. */
export const refusalOfHost = (guard: Guard, hostname: string): string | undefined => {
  const literal = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(literal) === 0 ? undefined : guard.refusal(literal);
};

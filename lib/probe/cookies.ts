import { type Cookie, parseSetCookie } from 'set-cookie-parser';
import type { Clock } from './prober.ts';

export type { Cookie };

/** Cookies of one pass, sent back as RFC 6265 §5.4 says. Public suffixes do not matter to a probe of named hosts. */
export type CookieJar = {
  /** Takes the `set-cookie` fields of an answer from `url`. */
  store(url: URL, setCookies: readonly string[]): void;
  /** Value of the `cookie` header for `url`; empty where none applies. */
  header(url: URL): string;
};

type Kept = {
  readonly cookie: Cookie;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly expiresAt: number;
};

/** Parses the `set-cookie` fields of one answer; nothing that does not look like a cookie. */
export const parseCookies = (setCookies: readonly string[]): readonly Cookie[] =>
  parseSetCookie([...setCookies], { decodeValues: false });

const defaultPath = (url: URL): string => {
  const last = url.pathname.lastIndexOf('/');
  return last <= 0 ? '/' : url.pathname.slice(0, last);
};

const domainMatches = (host: string, kept: Kept): boolean =>
  host === kept.domain || (!kept.hostOnly && host.endsWith(`.${kept.domain}`));

const pathMatches = (path: string, cookiePath: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);

const expiryOf = (cookie: Cookie, now: number): number => {
  if (cookie.maxAge !== undefined) return now + cookie.maxAge * 1000;
  return cookie.expires ? cookie.expires.getTime() : Number.POSITIVE_INFINITY;
};

const isSecureEnough = (url: URL): boolean =>
  url.protocol === 'https:' || url.protocol === 'wss:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);

/** As browsers have it: a larger one is ignored (RFC 6265bis §5.7), and of too many in a domain the oldest go. */
const maxCookieBytes = 4_096;
const maxPerDomain = 180;

const isTooLarge = ({ name, value }: Cookie): boolean =>
  Buffer.byteLength(name) + Buffer.byteLength(value) > maxCookieBytes;

/** Forgets the oldest cookies of a domain: a target that sets new ones in every answer must not fill our memory. */
const dropOldest = (jar: Map<string, Kept>, domain: string): void => {
  const keys = [...jar].filter(([, kept]) => kept.domain === domain).map(([key]) => key);
  for (const key of keys.slice(0, Math.max(0, keys.length - maxPerDomain))) jar.delete(key);
};

export const createCookieJar = (clock: Clock): CookieJar => {
  const jar = new Map<string, Kept>();
  return {
    store: (url, setCookies) => {
      const domains = new Set<string>();
      for (const cookie of parseCookies(setCookies)) {
        if (isTooLarge(cookie)) continue;
        const domain = (cookie.domain ?? url.hostname).replace(/^\./, '').toLowerCase();
        const hostOnly = cookie.domain === undefined || cookie.domain === '';
        if (!hostOnly && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) continue;
        const path = cookie.path?.startsWith('/') ? cookie.path : defaultPath(url);
        const kept: Kept = {
          cookie,
          domain: hostOnly ? url.hostname : domain,
          hostOnly,
          path,
          expiresAt: expiryOf(cookie, clock.now()),
        };
        jar.set(`${cookie.name}\n${kept.domain}\n${path}`, kept);
        domains.add(kept.domain);
      }
      for (const domain of domains) dropOldest(jar, domain);
    },
    header: (url) =>
      [...jar.values()]
        .filter((kept) => kept.expiresAt > clock.now() && domainMatches(url.hostname, kept))
        .filter((kept) => pathMatches(url.pathname, kept.path) && (!kept.cookie.secure || isSecureEnough(url)))
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ cookie }) => `${cookie.name}=${cookie.value}`)
        .join('; '),
  };
};

import type { Evidence } from '../../result/result.ts';

type Headers = NonNullable<Evidence['response']>['headers'];

/** Who made an error answer: the service, or a gateway before it, with its name where it gives one. */
export type Maker = { readonly by: 'service' | 'unknown' } | { readonly by: 'gateway'; readonly name?: string };

/** Names of servers that mostly stand before a service, in what they call themselves. */
const proxies: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(istio-)?envoy/i, 'Envoy'],
  [/^awselb/i, 'AWS load balancer'],
  [/^cloudfront/i, 'CloudFront'],
  [/^cloudflare/i, 'Cloudflare'],
  [/^(openresty|nginx)/i, 'nginx'],
  [/^haproxy/i, 'HAProxy'],
  [/^varnish/i, 'Varnish'],
  [/^traefik/i, 'Traefik'],
  [/^caddy/i, 'Caddy'],
  [/^akamaighost/i, 'Akamai'],
  [/^google frontend/i, 'Google Frontend'],
];

const proxyIn = ({ server = '' }: Headers): string | undefined =>
  proxies.find(([pattern]) => pattern.test(server))?.[1];

const gateway = (name: string | undefined): Maker => ({ by: 'gateway', ...(name === undefined ? {} : { name }) });

/**
 * RFC 9209: a list of those on the way, the one nearest to us last. An `error` says that it made the answer itself, a
 * `received-status` that it only passed one on.
 */
const fromProxyStatus = (header: string | undefined): Maker | undefined => {
  // A comma within a quoted detail is no border.
  const members = header?.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  const spoken = members.findLast((member) => /;\s*(error|received-status)=/.test(member));
  if (spoken === undefined) return undefined;
  if (!/;\s*error=/.test(spoken)) return { by: 'service' };
  const name = spoken.split(';')[0]?.trim().replaceAll('"', '');
  return gateway(name === '' ? undefined : name);
};

/** Headers that gateways put on answers of their own making alone. */
const ownMark = (headers: Headers): Maker | undefined => {
  const name = proxyIn(headers);
  // Envoy: x-envoy-upstream-service-time is the time that the host behind it took; an answer of its own has none.
  if (name === 'Envoy')
    return headers['x-envoy-upstream-service-time'] === undefined ? gateway(name) : { by: 'service' };
  // Load balancer and CDN pass on the server header of what lies behind them.
  if (name === 'AWS load balancer' || name === 'CloudFront') return gateway(name);
  if (headers['x-amz-apigw-id'] !== undefined && headers['x-amzn-errortype'] !== undefined)
    return gateway('API Gateway');
  return undefined;
};

/**
 * Who made an answer of 500 or above, as far as its headers tell. Lower-case header names. Where nothing else speaks:
 * 502 and 504 are by their meaning a gateway's (RFC 9110 §15.6.3, §15.6.5), 520 to 530 Cloudflare's own, and a 503 may be
 * anybody's.
 */
export const makerOf = (status: number, headers: Headers): Maker => {
  const marked = fromProxyStatus(headers['proxy-status']) ?? ownMark(headers);
  if (marked) return marked;
  if (status === 502 || status === 504) return gateway(proxyIn(headers));
  if (status >= 520 && status <= 530 && proxyIn(headers) === 'Cloudflare') return gateway('Cloudflare');
  return status === 503 ? { by: 'unknown' } : { by: 'service' };
};

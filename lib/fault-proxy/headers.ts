/** Name and value in turns, in the order and spelling of the wire: `IncomingMessage.rawHeaders`. */
export type RawHeaders = readonly string[];

// RFC 9110 §7.6.1: these speak of one connection and end with it.
const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'];

export const pairsOf = (raw: RawHeaders): readonly (readonly [string, string])[] =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));

/** Without the headers of these names (lower case). */
export const withoutHeaders = (raw: RawHeaders, names: readonly string[]): string[] =>
  pairsOf(raw)
    .filter(([name]) => !names.includes(name.toLowerCase()))
    .flat();

/** Headers that travel end to end: without those of the one connection, and those that its `connection` header names. */
export const endToEnd = (raw: RawHeaders): string[] => {
  const named = pairsOf(raw)
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((name) => name.trim());
  return withoutHeaders(raw, [...hopByHop, ...named]);
};

/**
 * With a `host` that names the proxy's own port replaced by the target's, and one added where there is none; a host that
 * the client chose otherwise stays.
 */
export const withTargetHost = (raw: RawHeaders, ownPort: number | undefined, target: URL): string[] => {
  const pairs = pairsOf(raw);
  if (!pairs.some(([name]) => name.toLowerCase() === 'host')) return ['Host', target.host, ...raw];
  return pairs.flatMap(([name, value]) => [
    name,
    name.toLowerCase() === 'host' && value.endsWith(`:${ownPort}`) ? target.host : value,
  ]);
};

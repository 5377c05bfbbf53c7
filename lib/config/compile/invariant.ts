import { formatDurationMs } from '../duration.ts';
import type { Place } from '../place.ts';
import type { Invariant, LatencyLimits } from '../plan.ts';
import type { InvariantInput } from '../schema/config.ts';
import { templateNames } from '../templates.ts';
import { checkDistinct } from './expect.ts';
import { readFieldName } from './field.ts';
import { compileSomePattern } from './pattern.ts';
import { given, readDuration } from './values.ts';

type Kind = Invariant['kind'];
type Of<K extends Kind> = Extract<Invariant, { readonly kind: K }>;
type Written<K extends Kind> = Extract<InvariantInput, { readonly [Key in K]: unknown }>[K];

const compileMonotonic = ({ stream, field, strict, scope }: Written<'monotonic'>, place: Place): Of<'monotonic'> => ({
  kind: 'monotonic',
  stream: stream ?? '*',
  field: readFieldName(field, place.at('field')),
  strict: strict ?? true,
  scope: scope ?? 'generation',
});

const compileNoDuplicates = ({ key, scope }: Written<'noDuplicates'>, place: Place): Of<'noDuplicates'> => ({
  kind: 'noDuplicates',
  key: readFieldName(key, place.at('key')),
  scope: scope ?? 'generation',
});

const compileGapless = ({ stream, field, sparse, scope }: Written<'gapless'>, place: Place): Of<'gapless'> => ({
  kind: 'gapless',
  stream: stream ?? '*',
  field: readFieldName(field, place.at('field')),
  sparse: sparse ?? false,
  scope: scope ?? 'generation',
});

const compileTotalOrder = ({ streams = ['*'], field }: Written<'totalOrder'>, place: Place): Of<'totalOrder'> => {
  checkDistinct(streams, place.at('streams'));
  if (streams.includes('*') && streams.length > 1) {
    const remedy = "write ['*'], or the streams without it";
    place.at('streams').refuse('names streams beside `*`, which is all of them', { got: streams, remedy });
  }
  return { kind: 'totalOrder', streams, field: readFieldName(field ?? '$sequence', place.at('field')) };
};

const compileChain = (input: Written<'chain'>, place: Place): Of<'chain'> => {
  const { links, field, groupBy, acrossStreams, complete, scope } = input;
  const at = place.at('links');
  if (links.length < 2 && place.isWhole(links)) {
    at.refuse('is no chain: it has one link', { got: links, remedy: 'write two or more' });
  }
  const seen = new Set<string>();
  for (const [link, spot] of at.items(links)) {
    for (const value of [link].flat()) {
      if (seen.has(value)) spot.refuse('stands in the chain twice', { got: value, remedy: 'remove one of the two' });
      seen.add(value);
    }
  }
  return {
    kind: 'chain',
    links: links.map((link) => [link].flat()),
    field: readFieldName(field ?? '$type', place.at('field')),
    ...given('groupBy', groupBy && readFieldName(groupBy, place.at('groupBy'))),
    acrossStreams: acrossStreams ?? false,
    complete: complete ?? false,
    scope: scope ?? 'generation',
  };
};

const compileUnknownTypes = (input: Written<'unknownTypes'>, place: Place): Of<'unknownTypes'> => {
  const { policy, field, known } = typeof input === 'string' ? { policy: input } : input;
  return {
    kind: 'unknownTypes',
    policy,
    field: readFieldName(field ?? '$type', place.at('field')),
    known: known ?? [],
  };
};

const compileMaxSilence = (text: Written<'maxSilence'>, place: Place, deadlineMs: number): Of<'maxSilence'> => {
  const maxMs = readDuration(text, place) ?? 0;
  if (maxMs > deadlineMs) {
    const remedy = `lower it, or raise the probe's deadline, which is ${formatDurationMs(deadlineMs)}`;
    place.refuse('is longer than the deadline of the run: it could never be broken', { got: text, remedy });
  }
  return { kind: 'maxSilence', maxMs };
};

const limitKeys = { p50: 'p50Ms', p95: 'p95Ms', p99: 'p99Ms', max: 'maxMs' } as const;

const compileLatency = (input: Written<'latency'>, place: Place): Of<'latency'> => {
  const limits: Partial<Record<keyof LatencyLimits, number>> = {};
  for (const [key, limit] of Object.entries(limitKeys) as [keyof typeof limitKeys, keyof LatencyLimits][]) {
    const ms = readDuration(input[key], place.at(key));
    if (ms !== undefined) limits[limit] = ms;
  }
  const written = Object.keys(limitKeys).some((key) => input[key as keyof typeof limitKeys] !== undefined);
  if (!written && place.isWhole(input)) {
    place.refuse('has no limit', { remedy: "write one of p50, p95, p99, max, such as { p95: '500ms' }" });
  }
  return { kind: 'latency', since: input.since, until: compileSomePattern(input.until, place.at('until')), limits };
};

const compileKind = (input: InvariantInput, place: Place, deadlineMs: number): Invariant => {
  if ('monotonic' in input) return compileMonotonic(input.monotonic, place.at('monotonic'));
  if ('noDuplicates' in input) return compileNoDuplicates(input.noDuplicates, place.at('noDuplicates'));
  if ('gapless' in input) return compileGapless(input.gapless, place.at('gapless'));
  if ('totalOrder' in input) return compileTotalOrder(input.totalOrder, place.at('totalOrder'));
  if ('chain' in input) return compileChain(input.chain, place.at('chain'));
  if ('unknownTypes' in input) return compileUnknownTypes(input.unknownTypes, place.at('unknownTypes'));
  if ('maxSilence' in input) return compileMaxSilence(input.maxSilence, place.at('maxSilence'), deadlineMs);
  return compileLatency(input.latency, place.at('latency'));
};

/** An invariant watches from the first frame on, when no step has captured anything yet. */
export const compileInvariant = (input: InvariantInput, place: Place, deadlineMs: number): Invariant => {
  const invariant = compileKind(input, place, deadlineMs);
  // Names of fields say so by themselves.
  const [name] = templateNames({ ...invariant, field: '', key: '', groupBy: '' });
  if (name !== undefined) {
    const remedy = "write the value itself, or leave it open, as stream: '*' does";
    place.refuse(`has {{${name}}} in an invariant, where no template is filled in`, { remedy });
  }
  return invariant;
};

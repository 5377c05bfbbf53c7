import type { IdentityPlan, Json } from '../../config/plan.ts';
import type { EpochMs, Sighting } from '../../drill/record.ts';
import { compilePath, findFirst } from '../../match/json-path.ts';
import type { Answer } from '../expect.ts';
import { type Asking, getStep } from './asking.ts';
import { seriesOf } from './prometheus.ts';

const timeoutMs = 5000;

/** Seconds since the epoch are below this until the year 5138, milliseconds above it since 1973. */
const leastMs = 1e11;

/** A time as services write it: ISO 8601, or seconds or milliseconds since the epoch. */
export const readStartTime = (value: Json | undefined): EpochMs | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const count = typeof value === 'number' || /^[\d.+eE]+$/.test(value) ? Number(value) : Number.NaN;
  const ms = Number.isNaN(count) ? Date.parse(String(value)) : count < leastMs ? count * 1000 : count;
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : undefined;
};

/** What an answer says under a name of the plan: nothing where it is not there. */
type Look = (name: string) => { readonly text: string; readonly times: readonly Json[] } | undefined;

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const lookInJson = async (answer: Answer, { engines }: Asking): Promise<Look> => {
  const read = answer.json();
  const { search } = await engines();
  return (path) => {
    if ('problem' in read) return undefined;
    const value = findFirst(compilePath(path, search), read.document) as Json | undefined;
    return value === undefined || value === null ? undefined : { text: asText(value), times: [value] };
  };
};

/** All series count: labels may be what tells two processes apart. */
const lookInMetrics = (answer: Answer): Look => {
  const text = answer.text();
  return (name) => {
    const series = seriesOf(text, name);
    if (series.length === 0) return undefined;
    const spelt = series.map(({ labels, value }) => `${labels}${value}`).toSorted();
    return { text: spelt.join(' '), times: series.map(({ value }) => value) };
  };
};

/** Who the target says it is; of what it does not say, nothing. Several start times: the earliest, which proves least. */
export const identify = async (
  identity: IdentityPlan | undefined,
  asking: Asking,
  signal: AbortSignal,
): Promise<Sighting> => {
  const { context, ask } = asking;
  if (!identity) return { at: context.clock.now() };
  const { answer, outcome } = await ask(
    getStep('identity', identity.url, identity.headers, timeoutMs),
    context.values,
    signal,
  );
  const at = context.clock.now();
  if (!answer || outcome.status !== 'done' || answer.response.status >= 300) return { at };
  const look = identity.format === 'json' ? await lookInJson(answer, asking) : lookInMetrics(answer);
  const started = identity.startedAt === undefined ? undefined : look(identity.startedAt);
  const times = (started?.times ?? []).map(readStartTime).filter((time) => time !== undefined);
  // A process that has no id is told by when it began.
  const boot = identity.boot === undefined ? started?.text : look(identity.boot)?.text;
  const epoch = identity.epoch === undefined ? undefined : look(identity.epoch)?.text;
  return {
    at,
    ...(boot === undefined ? {} : { boot: context.redact(boot) }),
    ...(times.length === 0 ? {} : { startedAt: Math.min(...times) }),
    ...(epoch === undefined ? {} : { epoch: context.redact(epoch) }),
  };
};

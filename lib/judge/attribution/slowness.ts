import { formatMs } from '../../report/format.ts';
import { percentile } from '../../result/percentiles.ts';
import type { Attribution, Pass, Phase, Run, StepOutcome, StepSummary } from '../../result/result.ts';

/** Phases that lie side by side in a step; the first frame ends a wait that is counted whole. */
type SidePhase = Exclude<Phase, 'firstFrame'>;

/** `rest` is what no phase accounts for: polling, and waiting for frames. */
type Part = SidePhase | 'rest';

/** The mean of a part over the slow passes, beside what is usual for it. */
type Share = {
  readonly step: string;
  readonly type: StepOutcome['type'];
  readonly part: Part;
  readonly ms: number;
  readonly usualMs?: number;
};

const who: Readonly<Record<Part, string>> = {
  dns: 'name resolution',
  connect: 'the network to the service',
  tls: 'the network to the service, or where its TLS ends',
  upgrade: 'the service',
  handshake: 'the service',
  firstByte: 'the service',
  download: 'the service, or the network to it',
  close: 'the service, or the network to it',
  rest: 'the service',
};

const what: Readonly<Record<SidePhase, string>> = {
  dns: 'the look-up of the name',
  connect: 'connecting',
  tls: 'the TLS handshake',
  upgrade: 'the answer to the upgrade',
  handshake: "the protocol's handshake",
  firstByte: 'the first byte',
  download: 'the download',
  close: 'the end of the connection',
};

/** The slow tail of a run, for a slow tail alone can miss a p95: its slowest tenth, and at least one. */
const slowest = (passes: readonly Pass[]): readonly Pass[] => {
  const answered = passes.filter((pass) => pass.complete && pass.latencyMs !== null);
  const sorted = answered.toSorted((a, b) => (b.latencyMs ?? 0) - (a.latencyMs ?? 0));
  return sorted.slice(0, Math.max(1, Math.ceil(sorted.length / 10)));
};

const partsOf = (phasesMs: StepOutcome['phasesMs'], totalMs: number | null): readonly (readonly [Part, number])[] => {
  const phases = Object.entries(phasesMs).filter(([phase]) => phase !== 'firstFrame') as [SidePhase, number][];
  const told = phases.reduce((sum, [, ms]) => sum + ms, 0);
  return [...phases, ['rest', Math.max(0, (totalMs ?? told) - told)]];
};

/** Runs that make a habit. */
const fewestUsual = 3;

const usualOf = (runs: readonly Run[], step: string, part: Part): number | undefined => {
  const summaries = runs.flatMap((run): readonly StepSummary[] => run.steps.filter(({ name }) => name === step));
  const seen = summaries.flatMap(({ phasesMs, latencyMs }) =>
    partsOf(phasesMs, latencyMs.p50).flatMap(([name, ms]) => (name === part ? [ms] : [])),
  );
  return seen.length < fewestUsual
    ? undefined
    : (percentile(
        seen.toSorted((a, b) => a - b),
        50,
      ) ?? undefined);
};

const sharesOf = (slow: readonly Pass[], usual: readonly Run[]): readonly Share[] => {
  const all = slow.flatMap((pass) =>
    pass.steps
      .filter(({ status }) => status !== 'skipped')
      .flatMap((one) =>
        partsOf(one.phasesMs, one.latencyMs).map(([part, ms]) => ({ step: one.step, type: one.type, part, ms })),
      ),
  );
  const groups = Map.groupBy(all, ({ step, part }) => JSON.stringify([step, part]));
  return [...groups.values()].flatMap((group): readonly Share[] => {
    const [first] = group;
    if (!first) return [];
    const usualMs = usualOf(usual, first.step, first.part);
    const ms = group.reduce((sum, one) => sum + one.ms, 0) / slow.length;
    return [{ ...first, ms, ...(usualMs === undefined ? {} : { usualMs }) }];
  });
};

const describe = ({ step, type, part, ms, usualMs }: Share, passMs: number): string => {
  const awaited = type === 'expect' || type === 'ack' ? `what "${step}" waits for` : `the waiting in "${step}"`;
  const subject = part === 'rest' ? awaited : `${what[part]} of "${step}"`;
  const beside =
    usualMs === undefined
      ? `of the ${formatMs(passMs)} that the slowest took`
      : `in the slowest, usually ${formatMs(usualMs)}`;
  return `${who[part]}: ${subject} took ${formatMs(ms)} ${beside}`;
};

/**
 * What made right answers late: the part of a pass that grew most over what is usual, or the largest one where nothing is
 * known of the usual. `usual`: runs of the probe that passed.
 */
export const slownessOf = (passes: readonly Pass[], usual: readonly Run[]): Attribution => {
  const slow = slowest(passes);
  const shares = sharesOf(slow, usual);
  const grown = (share: Share): number => share.ms - (share.usualMs ?? 0);
  const compared = shares.filter(({ usualMs }) => usualMs !== undefined);
  const by = compared.some((share) => grown(share) > 0) ? compared : shares.map(({ usualMs: _, ...share }) => share);
  const most = by.reduce<Share | undefined>((best, one) => (best && grown(best) >= grown(one) ? best : one), undefined);
  if (!most) return { at: 'latency', words: 'the service, or the network to it: right answers, too slow' };
  const passMs = slow.reduce((sum, pass) => sum + (pass.latencyMs ?? 0), 0) / slow.length;
  return { at: 'latency', words: describe(most, passMs), ...(most.part === 'rest' ? {} : { phase: most.part }) };
};

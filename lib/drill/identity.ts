import type { EpochMs, RestartReceipt, Sighting } from './record.ts';

/** `steady`: one process. `replicas`: several, and all were seen. `flapping`: always new ones. `blind`: it says nothing. */
export type Control =
  | { readonly kind: 'steady' | 'replicas'; readonly boots: readonly string[] }
  | { readonly kind: 'flapping' | 'blind'; readonly reason: string };

/**
 * Who it was: the boot id, or else the start time, which is all that a Prometheus client of an unmodified target tells.
 * `undefined`: it did not say.
 */
export const identityOf = ({ boot, startedAt }: Sighting): string | undefined =>
  boot ?? (startedAt === undefined ? undefined : `started ${new Date(startedAt).toISOString()}`);

/** All who were seen, each once. */
export const identitiesOf = (sightings: readonly Sighting[]): readonly string[] => [
  ...new Set(sightings.flatMap((sighting) => identityOf(sighting) ?? [])),
];

/**
 * The negative control: what the identity does when nobody restarts anything. If the second half of the sightings shows
 * somebody whom the first half did not, the set is not known, and nothing can be proven by it.
 */
export const controlIdentity = (sightings: readonly Sighting[]): Control => {
  const boots = identitiesOf(sightings);
  if (boots.length === 0) return { kind: 'blind', reason: 'the target never said who it is' };
  const half = Math.ceil(sightings.length / 2);
  const known = new Set(identitiesOf(sightings.slice(0, half)));
  const late = identitiesOf(sightings.slice(half)).filter((boot) => !known.has(boot));
  if (late.length > 0) {
    const reason = `without a restart ${sightings.length} looks found ${boots.length} identities, ${late.length} of them only in the second half`;
    return { kind: 'flapping', reason };
  }
  return { kind: boots.length === 1 ? 'steady' : 'replicas', boots };
};

export type Proof = {
  readonly proven: 'PROVEN' | 'PARTIAL' | 'NOT_PROVEN';
  /** For each part that speaks, what it says. */
  readonly reasons: readonly string[];
};

/** Clocks of two machines may differ by so much. */
export type Skew = { readonly clockSkewMs: number };

const startProblem = (sighting: Sighting, acceptedAt: EpochMs, clockSkewMs: number): string | undefined =>
  sighting.startedAt !== undefined && sighting.startedAt < acceptedAt - clockSkewMs
    ? `${identityOf(sighting) ?? 'it'} started ${Math.round((acceptedAt - sighting.startedAt) / 1000)} s before the restart was accepted`
    : undefined;

/**
 * Whether a restart happened (field notes, §B.3): nobody of before is there after it, and all of after have started since.
 * What the platform says by itself proves nothing.
 */
export const proveRestart = (
  before: readonly Sighting[],
  after: readonly Sighting[],
  receipt: RestartReceipt | undefined,
  { clockSkewMs }: Skew,
): Proof => {
  if (!receipt) return { proven: 'NOT_PROVEN', reasons: ['no restart was accepted'] };
  const old = new Set(identitiesOf(before));
  if (old.size === 0) return { proven: 'NOT_PROVEN', reasons: ['before the restart the target never said who it is'] };
  const now = identitiesOf(after);
  if (now.length === 0) return { proven: 'NOT_PROVEN', reasons: ['after the restart the target never said who it is'] };
  const left = now.filter((boot) => old.has(boot));
  if (left.length === now.length)
    return { proven: 'NOT_PROVEN', reasons: [`the identity is still ${left.join(', ')}: nothing was restarted`] };
  if (left.length > 0)
    return {
      proven: 'PARTIAL',
      reasons: [`${left.join(', ')} was there before and is there still, beside ${now.length - left.length} new`],
    };
  const early = after.flatMap((sighting) => startProblem(sighting, receipt.acceptedAt, clockSkewMs) ?? []);
  if (early.length > 0) return { proven: 'NOT_PROVEN', reasons: [...new Set(early)] };
  return { proven: 'PROVEN', reasons: [`${[...old].join(', ')} is gone, ${now.join(', ')} is there`] };
};

import type { FaultKind } from '../../lib/self-test/planned-fault.ts';
import type { Desk, Finished } from './cli.ts';

type Told = {
  readonly kind: FaultKind;
  readonly step: string | null;
  readonly told: string;
  readonly spec: string;
  readonly outcome: 'noticed' | 'missed' | 'unsure' | 'idle';
  readonly counts: boolean;
  readonly noticedBy: readonly { readonly step: string | null; readonly by: string; readonly actual: string }[];
};

/** Answer of `run --self-test --json`. */
export type SelfTestDocument = {
  readonly schema: 1;
  readonly verdict: string;
  readonly probes: readonly {
    readonly probe: string;
    readonly status: string;
    readonly reason: string | null;
    readonly verdict: string | null;
    readonly runs: number;
    readonly faults: readonly Told[];
    readonly checks: readonly { readonly step: string | null; readonly name: string; readonly objected: number }[];
    readonly leftOut: number;
    readonly notExercised: readonly string[];
  }[];
};

export type SelfTested = Finished & { readonly document: SelfTestDocument };

/** Runs a self-test at a desk, of all that the config has or of these. */
export const selfTest = async (desk: Desk, config: object, ...args: readonly string[]): Promise<SelfTested> => {
  desk.write('plimsoll.json', { service: 'notes', ...config });
  const ran = await desk.run(['run', '--self-test', '-c', 'plimsoll.json', '--json', ...args]);
  try {
    return { ...ran, document: JSON.parse(ran.stdout) };
  } catch {
    throw new Error(`stdout is not one JSON document:\n${ran.stdout}\nstderr:\n${ran.stderr}`);
  }
};

/** The one probe of a document. */
export const onlyProbe = ({ document }: SelfTested): SelfTestDocument['probes'][number] => {
  const [probe] = document.probes;
  if (!probe || document.probes.length > 1) throw new Error(`not one probe: ${JSON.stringify(document.probes)}`);
  return probe;
};

/** Faults of an outcome as `kind step`, each once, those that count. */
export const faultsThat = (outcome: Told['outcome'], tested: SelfTested): readonly string[] => [
  ...new Set(
    onlyProbe(tested)
      .faults.filter((fault) => fault.counts && fault.outcome === outcome)
      .map(({ kind, step }) => `${kind} ${step ?? '-'}`),
  ),
];

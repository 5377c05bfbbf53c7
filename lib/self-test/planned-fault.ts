import type { Fault, FrameFault, HttpFault } from '../fault-proxy/fault.ts';

/** What is done to a target's traffic, in the order in which reports list it. */
export const faultKinds = [
  'refuse',
  'error',
  'accept',
  'repeat',
  'hang',
  'cut',
  'slow',
  'wrong-type',
  'empty',
  'drop',
  'duplicate',
  'reorder',
  'silence',
  'corrupt',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One fault, what it means to the probe, and where it is done. */
export type PlannedFault = {
  readonly kind: FaultKind;
  /** Of the target whose traffic it is done to. */
  readonly origin: string;
  readonly fault: Fault;
  /** The step that it is aimed at. */
  readonly step: string;
  /** What happens, in words: `the 2nd note_patched never comes`. May hold what targets sent. */
  readonly told: string;
  /** Nothing in the probe looks there: that it passes is worth knowing, and no fault of the probe's. */
  readonly beyond?: true;
};

/** What is done, without where and when. Keeps the members of a union apart. */
type ActionOf<F extends Fault> = F extends unknown ? Omit<F, 'layer' | 'when' | 'match'> : never;
export type HttpAction = ActionOf<HttpFault>;
export type FrameAction = ActionOf<FrameFault>;

/** Makes a fault on a frame that was chosen; `tell` is given what the frame is called. */
export type Aim = (kind: FaultKind, action: FrameAction, tell: (name: string) => string) => PlannedFault;

import type { Direction, FrameFault } from './fault.ts';
import { editField, flipBit, mergeFields } from './payload.ts';
import { sampleDelayMs } from './random.ts';
import type { Chosen, Frame } from './rules.ts';

/** How a websocket ends by a fault. */
export type FrameEnd = { readonly how: 'cut' } | { readonly how: 'close'; readonly code: number };

/** What becomes of one frame, and of its connection after it. */
export type FrameFate = {
  /** What passes in its place: none, one or several. */
  readonly frames: readonly Frame[];
  readonly delayMs: number;
  /** Waits for the next frame, so long, to go behind it. */
  readonly swap?: { readonly withinMs: number; hit(): void };
  /** From now on these directions are silent. */
  readonly silent: readonly Direction[];
  readonly end?: FrameEnd;
};

const padded = (frame: Frame, bytes: number): Frame | undefined => {
  if (frame.data.length >= bytes) return undefined;
  // Spaces behind JSON change its size and nothing else.
  const data = Buffer.alloc(bytes, frame.binary ? 0 : ' ');
  frame.data.copy(data);
  return { ...frame, data };
};

const corrupted = (frame: Frame, { fault, draw }: Chosen<FrameFault & { action: 'corrupt' }>): Frame | undefined => {
  const data = fault.field ? editField(frame.data, fault.field) : flipBit(frame.data, draw('byte'));
  return data && { ...frame, data };
};

const merged = (frame: Frame, { patch }: FrameFault & { action: 'merge' }): Frame | undefined => {
  const data = mergeFields(frame.data, patch);
  return data && { ...frame, data };
};

const changed = (
  frames: readonly Frame[],
  hit: () => void,
  change: (frame: Frame) => Frame | undefined,
): readonly Frame[] => {
  const after = frames.map((frame) => change(frame) ?? frame);
  if (after.some((frame, index) => frame !== frames[index])) hit();
  return after;
};

const withFault = (fate: FrameFate, chosen: Chosen<FrameFault>, direction: Direction): FrameFate => {
  const { fault, hit, draw } = chosen;
  const { frames } = fate;
  switch (fault.action) {
    case 'oversize':
      return { ...fate, frames: changed(frames, hit, (frame) => padded(frame, fault.bytes)) };
    case 'corrupt':
      return { ...fate, frames: changed(frames, hit, (frame) => corrupted(frame, { fault, hit, draw })) };
    case 'merge':
      return { ...fate, frames: changed(frames, hit, (frame) => merged(frame, fault)) };
    case 'reorder':
      return { ...fate, swap: { withinMs: fault.withinMs, hit } };
  }
  hit();
  switch (fault.action) {
    case 'delay':
      return { ...fate, delayMs: fate.delayMs + sampleDelayMs(fault.delay, draw) };
    case 'drop':
      return { ...fate, frames: [] };
    case 'duplicate':
      return { ...fate, frames: [...frames, ...frames] };
  }
  const left = { ...fate, frames: fault.at === 'before' ? [] : frames };
  if (fault.action === 'silence') {
    const covered: readonly Direction[] = fault.match?.direction ? [direction] : ['in', 'out'];
    return { ...left, silent: [...left.silent, ...covered] };
  }
  return { ...left, end: fault.action === 'close' ? { how: 'close', code: fault.code } : { how: 'cut' } };
};

/** Applies the chosen faults to a frame, in the order they were given; nothing is done to a frame that is gone. */
export const frameFate = (frame: Frame, direction: Direction, chosen: readonly Chosen<FrameFault>[]): FrameFate => {
  let fate: FrameFate = { frames: [frame], delayMs: 0, silent: [] };
  for (const each of chosen) {
    const ends = each.fault.action === 'silence' || each.fault.action === 'cut' || each.fault.action === 'close';
    if (fate.end || (fate.frames.length === 0 && !ends)) continue;
    fate = withFault(fate, each, direction);
  }
  return fate;
};

import type { Invariant, Json } from '../../lib/config/plan.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import type { CheckOutcome } from '../../lib/result/result.ts';
import type { Message } from '../../lib/sequence/codec/codec.ts';
import { createInvariant } from '../../lib/sequence/invariant/create.ts';
import { createJournal, type Life } from '../../lib/sequence/journal.ts';

/** What a journal is told in a test; a plain object is a JSON frame of connection `a`. */
export type Told =
  | { readonly raw: string; readonly connection?: string; readonly generation?: number; readonly at?: number }
  | { readonly life: Life; readonly connection?: string; readonly generation?: number; readonly at?: number }
  | { readonly mark: string; readonly at: number };

const engines = await loadMatchEngines([], { patterns: false });

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** One frame, one message; a body's own keys name its fields. */
const decode = (raw: string | Uint8Array): readonly Message[] => {
  const body = JSON.parse(String(raw)) as Json;
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const { type, stream, id, code, role, cursor } = fields as { readonly [key: string]: Json };
  const read = { type: text(type), stream: text(stream), id: text(id), code: text(code), role: text(role), cursor };
  return [{ body, ...Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) }];
};

const isTold = (frame: object): frame is Told => 'raw' in frame || 'life' in frame || 'mark' in frame;

/** A frame as it stands: what JSON.stringify would round, or another connection. */
export const frame = (body: unknown, more: Omit<Extract<Told, { raw: string }>, 'raw'> = {}): Told => ({
  raw: JSON.stringify(body),
  ...more,
});

/** Holds an invariant against frames, as the prober does. `nowMs`: when it ends. */
export const judge = (invariant: Invariant, frames: readonly (object | string)[], nowMs = 0): CheckOutcome => {
  const monitor = createInvariant(invariant, { engines, redact: (shown) => shown });
  const journal = createJournal(decode);
  journal.watch((one) => one && monitor.observe(one));
  for (const one of frames) {
    const told: Told = typeof one === 'string' ? { raw: one } : isTold(one) ? one : frame(one);
    if ('mark' in told) {
      monitor.mark?.(told.mark, told.at, journal.last());
      continue;
    }
    const head = { connection: told.connection ?? 'a', generation: told.generation ?? 1, at: told.at ?? 0 };
    if ('raw' in told) journal.append({ ...head, direction: 'in', raw: told.raw });
    else journal.append({ ...head, direction: 'life', life: told.life });
  }
  return monitor.outcome(nowMs);
};

/** Bodies of one stream that differ in `seq`. */
export const inStream = (stream: string, ...values: readonly unknown[]) => values.map((seq) => ({ stream, seq }));

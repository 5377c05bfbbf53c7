import { parts, put } from './parts.ts';
import type { Ports } from './ports.ts';
import type { Entry } from './record.ts';

/** Writes one entry, and notes it before it is sent: nothing of ours is ever there that the record does not know. */
export const writeEntry = async (
  entry: Pick<Entry, 'id' | 'phase'>,
  runId: string,
  ports: Ports,
  signal: AbortSignal,
): Promise<Entry> => {
  const { clock, store, target } = ports;
  const now = clock.now();
  const pending = { outcome: 'unknown', captures: {}, problem: 'nobody noted an answer' } as const;
  await put(store, runId, parts.entry(entry.id), {
    ...entry,
    ...pending,
    invokedAt: now,
    endedAt: now,
  } satisfies Entry);
  const written = await target.write(entry, signal);
  await put(store, runId, parts.entry(entry.id), written);
  return written;
};

/** Whether the answers to two writes of one entry name the same thing. */
export const namesTheSame = (first: Entry, second: Entry): boolean =>
  JSON.stringify(Object.entries(first.captures).toSorted()) ===
  JSON.stringify(Object.entries(second.captures).toSorted());

/** A key that makes a resend harmless is promised: by its header, or by a PUT to a place of its own. */
export const promisesIdempotence = ({ targetPlan: { ledger } }: Ports): boolean =>
  ledger !== undefined &&
  (ledger.write.request.method === 'PUT' ||
    Object.keys(ledger.write.request.headers).some((name) => name.toLowerCase().includes('idempotency')));

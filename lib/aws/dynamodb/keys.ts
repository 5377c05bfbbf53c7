import { createHash } from 'node:crypto';
import { tableShape } from '../../names.ts';
import { type Item, textIn } from './items.ts';

/**
 * The layout of the table; nobody else knows it.
 *
 * | what              | pk                | sk                        |
 * | ----------------- | ----------------- | ------------------------- |
 * | a run             | `RUN#<probe>`     | `<slot>#<run id>`         |
 * | a probe with runs | `PROBES`          | probe                     |
 * | state, detectors  | `MEMORY#<shard>`  | probe                     |
 * | a baseline        | `BASELINE#<shard>`| probe                     |
 * | a mark            | `MARK#<probe>`    | `<at>#<arrival>#<random>` |
 * | an event to send  | `OUTBOX`          | `<probe>#<event id>`      |
 * | one that is sent  | `SETTLED`         | event id                  |
 * | a lease           | `LEASE#<run id>`  | `LEASE`                   |
 * | who sends a page  | `PAGE#<page id>`  | channel                   |
 * | a told alarm      | `ALARM#<key>`     | `ALARM`                   |
 * | whose turn it is  | `GAUGES`          | `GAUGES`                  |
 * | a client token    | `DEMAND#<token>`  | `DEMAND`                  |
 * | part of a drill   | `DRILL#<run id>`  | `.<part>`                 |
 * | its end           | `DRILL#<run id>`  | `END`                     |
 * | a drill under way | `DRILLS`          | run id                    |
 * | a target's lock   | `DRILLLOCKS`      | target                    |
 * | the newest report | `DRILLHEAD#<id>`  | `HEAD`                    |
 * | a drill's report  | `DRILLREPORT#<id>`| number                    |
 * | the kill switch   | `DRILLSWITCH`     | `DRILLSWITCH`             |
 *
 * Times are ISO in UTC with milliseconds, so that their order is that of their letters. A mark that concerns all probes
 * has the key `MARK` alone. The index `byRunId` has the runs alone.
 */
export type Key = { readonly pk: string; readonly sk: string };

const { partitionKey, sortKey } = tableShape;

export const keyItem = ({ pk, sk }: Key) => ({ [partitionKey]: { S: pk }, [sortKey]: { S: sk } });

/** The key of an item that was read. */
export const keyIn = (item: Item): Key => ({ pk: textIn(item, partitionKey) ?? '', sk: textIn(item, sortKey) ?? '' });

/** Attributes that the key of an item needs. */
export const keyNames: readonly string[] = [partitionKey, sortKey];

export const probesPk = 'PROBES';
export const outboxPk = 'OUTBOX';
export const settledPk = 'SETTLED';

/** Probes of one minute would meet in one partition, which takes 1,000 writes a second. */
const shards = 16;

const shardOf = (probe: string): number => (createHash('sha256').update(probe).digest()[0] ?? 0) % shards;
const shardPks = (name: string): readonly string[] => Array.from({ length: shards }, (_, shard) => `${name}#${shard}`);

export const memoryPks = shardPks('MEMORY');
export const memoryKey = (probe: string): Key => ({ pk: `MEMORY#${shardOf(probe)}`, sk: probe });

export const baselinePks = shardPks('BASELINE');
export const baselineKey = (probe: string): Key => ({ pk: `BASELINE#${shardOf(probe)}`, sk: probe });

export const probeKey = (probe: string): Key => ({ pk: probesPk, sk: probe });
export const outboxKey = (probe: string, eventId: string): Key => ({ pk: outboxPk, sk: `${probe}#${eventId}` });

/** Whether that is the place of this event, whatever its probe. */
export const isOutboxKey = ({ sk }: Key, eventId: string): boolean => sk.endsWith(`#${eventId}`);
export const settledKey = (eventId: string): Key => ({ pk: settledPk, sk: eventId });
export const leaseKey = (runId: string): Key => ({ pk: `LEASE#${runId}`, sk: 'LEASE' });
export const pageClaimKey = (pageId: string, channel: string): Key => ({ pk: `PAGE#${pageId}`, sk: channel });
export const demandKey = (token: string): Key => ({ pk: `${tableShape.demands}${token}`, sk: 'DEMAND' });
export const toldAlarmKey = (dedupKey: string): Key => ({ pk: `ALARM#${dedupKey}`, sk: 'ALARM' });

/** The end of a run lies before all of its parts, and is none. */
const partPrefix = '.';

export const drillPk = (runId: string): string => `DRILL#${runId}`;
export const drillPartKey = (runId: string, part: string): Key => ({ pk: drillPk(runId), sk: `${partPrefix}${part}` });
/** The name of a part, from its key; nothing of what else lies beside the parts. */
export const drillPartIn = ({ sk }: Key): string | undefined =>
  sk.startsWith(partPrefix) ? sk.slice(partPrefix.length) : undefined;
export const drillEndKey = (runId: string): Key => ({ pk: drillPk(runId), sk: 'END' });
export const openDrillsPk = 'DRILLS';
export const openDrillKey = (runId: string): Key => ({ pk: openDrillsPk, sk: runId });
export const drillLocksPk = 'DRILLLOCKS';
export const drillLockKey = (target: string): Key => ({ pk: drillLocksPk, sk: target });
export const drillHeadKey = (drillId: string): Key => ({ pk: `DRILLHEAD#${drillId}`, sk: 'HEAD' });
export const drillReportPk = (drillId: string): string => `DRILLREPORT#${drillId}`;
/** @param n Counts the reports of a drill: their order is that of their numbers. */
export const drillReportKey = (drillId: string, n: number): Key => ({
  pk: drillReportPk(drillId),
  sk: String(n).padStart(12, '0'),
});
export const killSwitchKey: Key = { pk: 'DRILLSWITCH', sk: 'DRILLSWITCH' };

export const gaugesKey: Key = { pk: 'GAUGES', sk: 'GAUGES' };

/** The order of letters is that of times from the year 0 to 9999: others have a sign. */
const isPlain = (iso: string): boolean => iso.length === 24;
const isoOf = (ms: number): string => new Date(ms).toISOString();

export const runPk = (probe: string): string => `RUN#${probe}`;

/** @throws RangeError for a slot that no calendar on a wall has. */
export const runKey = (probe: string, slotMs: number, runId: string): Key => {
  const slot = isoOf(slotMs);
  if (!isPlain(slot)) throw new RangeError(`the slot of run ${runId} is not in the years 0 to 9999: ${slot}`);
  return { pk: runPk(probe), sk: `${slot}#${runId}` };
};

/** The slot of a run, from its key. */
export const slotIn = (sk: string): string => sk.slice(0, 24);

const [first, last] = ['!', '~'];

/** Where times from here on begin, in any sort key that begins with a time. */
const boundKey = (ms: number): string => {
  const iso = isoOf(ms);
  if (isPlain(iso)) return iso;
  return ms < 0 ? first : last;
};

export type Between = { readonly from: string; readonly to: string };

/** From (inclusive) to (exclusive), epoch ms; nothing where that is no time at all. No key is a bare time. */
export const between = (fromMs: number | undefined, toMs: number | undefined): Between | undefined => {
  const from = fromMs === undefined ? first : boundKey(fromMs);
  const to = toMs === undefined ? last : boundKey(toMs);
  return from < to ? { from, to } : undefined;
};

/** Events of one probe, in the outbox: with those of all others a bad minute of the whole plan would be read anew for each. */
export const outboxOf = (probe: string): Between => ({ from: `${probe}#`, to: `${probe}#\u{10ffff}` });

export const markPk = (probe?: string): string => (probe === undefined ? 'MARK' : `MARK#${probe}`);

/** @param arrival A number that grows from mark to mark. */
export const markKey = (probe: string | undefined, atMs: number, arrival: number, random: string): Key => ({
  pk: markPk(probe),
  sk: `${boundKey(atMs)}#${String(arrival).padStart(16, '0')}#${random}`,
});

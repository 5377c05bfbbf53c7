import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Pass } from '../../result/result.ts';
import type { StoredRun } from '../../result/store.ts';

/** A line of raw samples. */
type Line = { readonly runId: string; readonly probe: string; readonly slot: string; readonly pass: Pass };

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** NDJSON: a pass a line. */
export const linesOf = ({ run: { runId, probe, slot }, passes }: StoredRun): string =>
  passes.map((pass) => `${JSON.stringify({ runId, probe, slot, pass } satisfies Line)}\n`).join('');

export const packLines = (lines: string): Promise<Uint8Array> => zip(lines);

export const passesIn = (lines: string, runId: string): readonly Pass[] =>
  lines
    .split('\n')
    .slice(0, -1)
    .map((line): Line => JSON.parse(line))
    .filter((line) => line.runId === runId)
    .map((line) => line.pass);

export const unpackPasses = async (body: Uint8Array, runId: string): Promise<readonly Pass[]> =>
  passesIn((await unzip(body)).toString('utf8'), runId);

import type { Incident } from '../../judge/backtest/incidents.ts';
import { HistoryError } from './error.ts';
import { delimiterOf, splitFields } from './fields.ts';
import { readSmallFile } from './source.ts';
import { parseTime } from './time.ts';

const maxBytes = 10_000_000;

const remedy = 'an incident is start,end[,name] in a CSV, or { "start": …, "end": …, "name": … } in a JSON array';

type Raw = { readonly start: unknown; readonly end: unknown; readonly name: unknown };

/** @param place Where it stands, for the sentence: `line 3`. */
const incidentOf = ({ start, end, name }: Raw, place: string): Incident => {
  const [startMs, endMs] = [start, end].map((time) =>
    typeof time === 'string' || typeof time === 'number' ? parseTime(String(time)) : undefined,
  );
  if (startMs === undefined || endMs === undefined) {
    const wrong = startMs === undefined ? start : end;
    throw new HistoryError(`${place}: ${JSON.stringify(wrong) ?? 'nothing'} is no time; ${remedy}`);
  }
  if (endMs < startMs) throw new HistoryError(`${place}: it ends before it begins`);
  return { startMs, endMs, ...(typeof name === 'string' && name !== '' ? { name } : {}) };
};

const fromCsv = (text: string, file: string): readonly Incident[] => {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const [header = ''] = lines;
  const delimiter = delimiterOf(header);
  const names = splitFields(header, delimiter).map((name) => name.toLowerCase());
  const at = { start: names.indexOf('start'), end: names.indexOf('end'), name: names.indexOf('name') };
  if (at.start < 0 || at.end < 0) {
    throw new HistoryError(`the first line of ${file} names no columns start and end: begin with start,end,name`);
  }
  return lines.flatMap((line, index) => {
    if (index === 0 || line.trim() === '') return [];
    const fields = splitFields(line, delimiter);
    return [
      incidentOf(
        { start: fields[at.start], end: fields[at.end], name: fields[at.name] },
        `line ${index + 1} of ${file}`,
      ),
    ];
  });
};

const fieldsOf = (value: object): Raw => ({
  start: 'start' in value ? value.start : undefined,
  end: 'end' in value ? value.end : undefined,
  name: 'name' in value ? value.name : undefined,
});

const fromJson = (text: string, file: string): readonly Incident[] => {
  let windows: unknown;
  try {
    windows = JSON.parse(text);
  } catch {
    throw new HistoryError(`${file} is no JSON: ${remedy}`);
  }
  if (!Array.isArray(windows)) throw new HistoryError(`${file} is no array: ${remedy}`);
  return windows.map((window: unknown, index) => {
    const place = `incident ${index + 1} of ${file}`;
    if (Array.isArray(window)) return incidentOf({ start: window[0], end: window[1], name: window[2] }, place);
    if (typeof window !== 'object' || window === null) throw new HistoryError(`${place} is no object: ${remedy}`);
    return incidentOf(fieldsOf(window), place);
  });
};

/**
 * Labelled incidents: a CSV with the header `start,end[,name]`, or a JSON array of `{ start, end, name? }` or
 * `[start, end]`. People wrote it, so one wrong line is told, and not left out.
 *
 * @throws HistoryError
 */
export const readIncidents = async (path: string, name: string): Promise<readonly Incident[]> => {
  const text = await readSmallFile(path, name, maxBytes);
  if (text.trim() === '') throw new HistoryError(`${name} is empty: ${remedy}`);
  return /^\ufeff?\s*[[{]/.test(text) ? fromJson(text, name) : fromCsv(text, name);
};

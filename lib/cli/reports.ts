import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { renderJson } from '../report/json.ts';
import { renderText } from '../report/text.ts';
import type { RunDocument } from '../result/result.ts';
import type { StoredRun } from '../result/store.ts';
import { CommandError, exitCodes } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What a command has to report: its document, and the samples behind it. */
export type RunOutcome = { readonly document: RunDocument; readonly stored: readonly StoredRun[] };

/** Reports that are asked for; paths from the terminal's folder. */
export type ReportFiles = { readonly junit?: string; readonly html?: string; readonly out?: string };

/** How a command tells what it has to report. */
export type ShowOptions = ReportFiles & {
  readonly json: boolean;
  readonly verbose: boolean;
  /** Where the runs can be seen later, whatever becomes of the reports. Default: in the local store. */
  readonly storedAs?: string;
};

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);

const isFolder = async (path: string): Promise<boolean | undefined> =>
  (await stat(path).catch(() => undefined))?.isDirectory();

const requireWritable = async (path: string, named: string): Promise<void> => {
  try {
    await access(path, constants.W_OK);
  } catch {
    throw new CommandError(`${named} may not be written: check the permissions of ${path}`);
  }
};

/** A file that is to be written can be. @throws CommandError in one sentence where it cannot. */
export const requireFile = async (path: string, named: string): Promise<void> => {
  const folder = dirname(path);
  if (!(await isFolder(folder))) throw new CommandError(`no folder ${folder} for ${named}: make it first`);
  const found = await isFolder(path);
  if (found) throw new CommandError(`${named} is a folder: name a file in it`);
  await requireWritable(found === undefined ? folder : path, named);
};

/** The folder itself is made when it is needed; what it is made in has to be a folder. */
const requireRoom = async (path: string, named: string): Promise<void> => {
  const found = await isFolder(path);
  if (found) return requireWritable(path, named);
  const parent = dirname(path);
  if (found === false || parent === path) throw new CommandError(`${path} is a file: name a folder for --out`);
  await requireRoom(parent, named);
};

/** Whether the reports can be written is found out before the first request, not after the last. @throws CommandError */
export const requireDestinations = async (files: ReportFiles, { cwd }: Terminal): Promise<void> => {
  for (const file of [files.junit, files.html]) if (file !== undefined) await requireFile(resolve(cwd, file), file);
  if (files.out !== undefined) await requireRoom(resolve(cwd, files.out), files.out);
};

const passesOf = (stored: readonly StoredRun[]) =>
  new Map(stored.map(({ run, passes }) => [run.runId, passes] as const));

/**
 * Writes one report. @throws CommandError where the disk lets us down: that is our own side.
 *
 * @param after what holds all the same, and where to go from there.
 */
export const writeReport = async (file: string, text: string, { cwd }: Terminal, after: string): Promise<void> => {
  try {
    await writeFile(resolve(cwd, file), text);
  } catch (error) {
    throw new CommandError(`${file} could not be written (${codeOf(error)}); ${after}`, exitCodes.inconclusive);
  }
};

/** Writes the reports that were asked for. @throws CommandError */
export const writeReports = async (
  { document, stored }: RunOutcome,
  { junit, html, out, storedAs = 'plimsoll report' }: ReportFiles & Pick<ShowOptions, 'storedAs'>,
  terminal: Terminal,
): Promise<void> => {
  const write = (file: string, text: string) =>
    writeReport(file, text, terminal, `the runs are stored: ${storedAs} shows them`);
  // Loaded for those who ask: a run without them is to start fast.
  if (junit !== undefined) await write(junit, (await import('../report/junit.ts')).renderJunit(document));
  if (html !== undefined) await write(html, (await import('../report/html.ts')).renderHtml(document, passesOf(stored)));
  if (out === undefined) return;
  // Where it cannot be made, the write says so.
  await mkdir(resolve(terminal.cwd, out), { recursive: true }).catch(() => {});
  await write(join(out, 'summary.json'), renderJson(document));
  await write(join(out, 'run.log'), renderText(document, { colour: false, width: 120, verbose: true }));
};

/** Prints what there is to report, and writes the reports that were asked for. @throws CommandError */
export const showOutcome = async (outcome: RunOutcome, options: ShowOptions, terminal: Terminal): Promise<void> => {
  const { outColour: colour, columns: width } = terminal;
  const { document } = outcome;
  terminal.out(options.json ? renderJson(document) : renderText(document, { colour, width, verbose: options.verbose }));
  await writeReports(outcome, options, terminal);
};

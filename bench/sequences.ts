import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Limit } from './bench.ts';
import { rankOf } from './rank.ts';
import { installArtillery, openArtillery, openPlimsoll } from './sequences/clients.ts';
import { type Client, measureRound, type Round } from './sequences/round.ts';
import { renderTable } from './table.ts';

/** A hundred thousand, or what the environment says; so many are sent, and so many come. */
const messages = Number(process.env.BENCH_SEQUENCES_MESSAGES ?? 100_000);
const rounds = 3;

/** Resident memory at the end over that at a tenth: flat, but for V8's young generation, which may grow by one step. */
const grownAtMost = 1.25;

/** Evaluated online over every message of the soak. */
const invariants = [
  { monotonic: { stream: '*', field: 'n' } },
  { gapless: { stream: '*', field: 'n' } },
  { noDuplicates: { key: 'n' } },
];

type Figures = {
  readonly client: string;
  readonly messagesPerSecond: number;
  readonly cpuMsPerMessage: number;
  readonly rssBytes: { readonly early: number; readonly late: number };
  readonly grown: number;
};

const median = (values: readonly number[]): number =>
  rankOf(
    values.toSorted((a, b) => a - b),
    50,
  );

const summarize = (client: string, measured: readonly Round[]): Figures => ({
  client,
  messagesPerSecond: median(measured.map((round) => round.messagesPerSecond)),
  cpuMsPerMessage: median(measured.map((round) => round.cpuMsPerMessage)),
  rssBytes: {
    early: median(measured.map(({ rssBytes }) => rssBytes.early)),
    late: median(measured.map(({ rssBytes }) => rssBytes.late)),
  },
  grown: Math.round(median(measured.map(({ rssBytes }) => rssBytes.late / rssBytes.early)) * 1000) / 1000,
});

/** The clients take turns, and another one is first in every round. */
const measureAll = async (clients: readonly Client[], tell: (line: string) => void): Promise<readonly Figures[]> => {
  const measured = new Map<string, Round[]>(clients.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const turn = [...clients.slice(round % clients.length), ...clients.slice(0, round % clients.length)];
    for (const client of turn) {
      tell(`round ${round + 1} of ${rounds}: ${client.name}`);
      measured.get(client.name)?.push(await measureRound(client, messages));
    }
  }
  return [...measured].map(([name, all]) => summarize(name, all));
};

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);

const rowOf = ({ client, messagesPerSecond, cpuMsPerMessage, rssBytes, grown }: Figures) => [
  client,
  Math.round(messagesPerSecond),
  Math.round(cpuMsPerMessage * 1000),
  mb(rssBytes.early),
  mb(rssBytes.late),
  grown.toFixed(3),
];

const textOf = (figures: readonly Figures[], missing: string | undefined): readonly string[] => [
  `${messages.toLocaleString('en-US')} messages sent and as many received on one connection, medians of ${rounds} rounds; counted from a tenth of them on`,
  '',
  ...renderTable([
    ['client', 'messages/s', 'CPU µs each', 'RSS MB at 10 %', 'at 100 %', 'ratio'],
    ...figures.map(rowOf),
  ]),
  ...(missing === undefined ? [] : ['', `artillery could not be installed: ${missing}`]),
];

const limitsOf = (figures: readonly Figures[]): readonly Limit[] =>
  figures
    .filter(({ client }) => client !== 'artillery')
    .map(({ client, grown }) => ({
      what: `${client}: RSS at 100 % over 10 %`,
      actual: grown,
      atMost: grownAtMost,
      unit: '',
    }));

/** A soak of one connection, whole processes: does its memory stay flat, how fast is it, what does a message cost? */
export const benchSequences: Bench = async (tell) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-sequences-'));
  try {
    tell('installing artillery into a temporary folder');
    const missing = await installArtillery(folder);
    const clients = [
      openPlimsoll('plimsoll', folder),
      openPlimsoll('plimsoll, 3 invariants', folder, invariants),
      ...(missing === undefined ? [openArtillery(folder)] : []),
    ];
    const figures = await measureAll(clients, tell);
    return {
      limits: limitsOf(figures),
      text: textOf(figures, missing),
      figures: { messages, rounds, clients: figures },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

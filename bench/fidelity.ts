import type { Bench, Limit } from './bench.ts';
import { startSpinner, startTarget } from './child.ts';
import { type Addition, measureAddition } from './fidelity/addition.ts';
import { openBare } from './fidelity/bare.ts';
import type { Client, ClientName } from './fidelity/client.ts';
import { missingCurl, openCurl } from './fidelity/curl.ts';
import { inFreshProcess } from './fidelity/fresh-process.ts';
import { openPlimsoll } from './fidelity/plimsoll.ts';
import { type Bounds, errorsOf, measureRounds, type Round } from './fidelity/rounds.ts';
import { rankOf } from './rank.ts';
import { renderTable } from './table.ts';

/** DESIGN.md, "Measures that hold everywhere". */
const addedAtMostMs = {
  bare: { median: 0.3, p95: 0.5 },
  curl: { median: 0, p95: 0 },
} as const;
const phasesOffMs = 1;

const settings = {
  warm: { bounds: { rounds: 45, withinMs: 5_500, discarded: 5 }, samples: 15 },
  // As many samples as a probe has by default.
  fresh: { bounds: { rounds: 12, withinMs: 9_000, discarded: 1 }, samples: 5 },
} as const satisfies Readonly<Record<string, { readonly bounds: Bounds; readonly samples: number }>>;

/** How long the server works, and what else the machine does meanwhile. */
const scenarios = [
  { workMs: 0, load: 'idle' },
  { workMs: 2, load: 'idle' },
  { workMs: 0, load: 'one core busy' },
  { workMs: 2, load: 'one core busy' },
  { workMs: 2, load: 'fresh process' },
] as const;

type Scenario = (typeof scenarios)[number];
type Other = Exclude<ClientName, 'plimsoll'>;
type Urls = { readonly target: string; readonly pacer: string };

type Figures = Scenario & {
  readonly clients: readonly {
    readonly client: ClientName;
    readonly samples: number;
    readonly medianMs: number;
    readonly p95Ms: number;
  }[];
  /** Of ours, beside each other client. */
  readonly additions: readonly { readonly to: Other; readonly median: Addition; readonly p95: Addition }[];
  readonly tainted: number;
  readonly repeated: number;
  readonly phases: { readonly checked: number; readonly off: number; readonly worstMs: number };
};

const summarize = (scenario: Scenario, clients: readonly Client[], rounds: readonly Round[]): Figures => {
  const notes = rounds.flatMap((round) => round.get('plimsoll')?.notes ?? []);
  const gaps = notes.flatMap((note) => note.phaseGapsMs);
  return {
    ...scenario,
    clients: clients.map(({ name }) => {
      const errors = errorsOf(rounds, name);
      return { client: name, samples: errors.length, medianMs: rankOf(errors, 50), p95Ms: rankOf(errors, 95) };
    }),
    additions: clients
      .map(({ name }) => name)
      .filter((name): name is Other => name !== 'plimsoll')
      .map((to) => ({ to, median: measureAddition(rounds, to, 50), p95: measureAddition(rounds, to, 95) })),
    tainted: notes.reduce((sum, note) => sum + note.tainted, 0),
    repeated: notes.reduce((sum, note) => sum + note.repeated, 0),
    phases: {
      checked: gaps.length,
      off: gaps.filter((gap) => !(gap <= phasesOffMs)).length,
      worstMs: Math.max(...gaps),
    },
  };
};

const limitsOf = ({ workMs, load, additions, phases }: Figures): readonly Limit[] => {
  const name = `${workMs} ms of work, ${load}`;
  return [
    ...additions.flatMap(({ to, median, p95 }) => {
      const atMost = addedAtMostMs[to];
      const what = `${name}: added to ${to}`;
      return [
        { what: `${what}, median`, actual: median.ms, range: median.range, atMost: atMost.median, unit: 'ms' } as const,
        { what: `${what}, p95`, actual: p95.ms, range: p95.range, atMost: atMost.p95, unit: 'ms' } as const,
      ];
    }),
    { what: `${name}: phases off the total by over ${phasesOffMs} ms`, actual: phases.off, atMost: 0, unit: '' },
  ];
};

const round = (ms: number): string => ms.toFixed(3);

const rowsOf = ({ workMs, load, clients }: Figures) =>
  clients.map((one) => [`${workMs} ms`, load, one.client, one.samples, round(one.medianMs), round(one.p95Ms)]);

const render = (figures: readonly Figures[], missing: string | undefined): readonly string[] => [
  "each client's latency minus the server's own time, in ms:",
  '',
  ...renderTable([['work', 'load', 'client', 'samples', 'median', 'p95'], ...figures.flatMap(rowsOf)]),
  '',
  ...(missing ? [missing] : []),
  ...figures.map(
    ({ workMs, load, tainted, repeated, phases }) =>
      `${workMs} ms, ${load}: ${tainted} tainted, ${repeated} repeated; phases and total at most ${round(phases.worstMs)} ms apart in ${phases.checked} steps and connections`,
  ),
];

const measureScenario = async (scenario: Scenario, urls: Urls, curl: boolean): Promise<Figures> => {
  const { workMs, load } = scenario;
  const fresh = load === 'fresh process';
  const { bounds, samples } = settings[fresh ? 'fresh' : 'warm'];
  const nodes = fresh ? [inFreshProcess('plimsoll'), inFreshProcess('bare')] : [openPlimsoll, openBare];
  const work = { url: `${urls.target}/${workMs}`, pacerUrl: `${urls.pacer}/1`, samples };
  const clients = [...nodes, ...(curl ? [openCurl] : [])].map((open) => open(work));
  const spinner = load === 'one core busy' ? await startSpinner(4 * bounds.withinMs) : undefined;
  try {
    return summarize(scenario, clients, await measureRounds(clients, bounds));
  } finally {
    await spinner?.stop();
  }
};

/** Our prober's own error beside a bare `node:http` client's and curl's, on loopback. */
export const benchFidelity: Bench = async (tell) => {
  const missing = await missingCurl();
  const [target, pacer] = await Promise.all([startTarget(), startTarget()]);
  const figures: Figures[] = [];
  try {
    for (const scenario of scenarios) {
      tell(`${scenario.workMs} ms of work, ${scenario.load}`);
      figures.push(await measureScenario(scenario, { target: target.url, pacer: pacer.url }, !missing));
    }
  } finally {
    await Promise.all([target.stop(), pacer.stop()]);
  }
  return { limits: figures.flatMap(limitsOf), text: render(figures, missing), figures };
};

// `npm run bench` measures everything, `npm run bench -- fidelity` one thing; `--json` prints one JSON document.
import { type Bench, type Limit, type Outcome, standingOf } from './bench.ts';
import { describeMachine, type Machine } from './machine.ts';

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  backtest: async () => (await import('./backtest.ts')).benchBacktest,
  bundle: async () => (await import('./bundle.ts')).benchBundle,
  detection: async () => (await import('./detection.ts')).benchDetection,
  fidelity: async () => (await import('./fidelity.ts')).benchFidelity,
  hostile: async () => (await import('./hostile.ts')).benchHostile,
  sequences: async () => (await import('./sequences.ts')).benchSequences,
  slo: async () => (await import('./slo.ts')).benchSlo,
  startup: async () => (await import('./startup.ts')).benchStartup,
  synth: async () => (await import('./synth.ts')).benchSynth,
  watch: async () => (await import('./watch.ts')).benchWatch,
};

const showFigure = ({ unit }: Limit, value: number): string => {
  if (unit === 'B') return `${(value / 1000).toFixed(1)} kB`;
  return unit === 'ms' ? `${value.toFixed(Math.abs(value) < 10 ? 3 : 0)} ms` : String(value);
};

const marks = { within: 'within', unsure: 'unsure', over: 'OVER  ' } as const;

const showLimit = (limit: Limit): string => {
  const [actual, low, high, atMost] = [limit.actual, ...(limit.range ?? [0, 0]), limit.atMost].map((value) =>
    showFigure(limit, value),
  );
  return `${marks[standingOf(limit)]}  ${limit.what}: ${actual}${limit.range ? ` (${low} to ${high})` : ''}, at most ${atMost}`;
};

const showMachine = ({ cores, cpu, platform, node, loadBefore }: Machine): string =>
  `${cores} cores (${cpu}), ${platform}, node ${node}, load before ${loadBefore}`;

const show = (name: string, { text, limits }: Outcome): string =>
  [`\n${name}`, '', ...text, '', ...limits.map(showLimit), ''].join('\n');

/** Exit code: 0 all within, 1 a limit is exceeded, 2 no such bench. */
const main = async (args: readonly string[]): Promise<number> => {
  const json = args.includes('--json');
  const names = args.filter((arg) => arg !== '--json');
  const unknown = names.filter((name) => !Object.hasOwn(benches, name));
  if (unknown.length > 0) {
    const known = Object.keys(benches).join(', ');
    process.stderr.write(`bench: no such bench: ${unknown.join(', ')}; there are ${known}, and --json\n`);
    return 2;
  }
  const machine = describeMachine();
  if (!json) process.stdout.write(`${showMachine(machine)}\n`);
  const outcomes: Record<string, Omit<Outcome, 'text'>> = {};
  for (const [name, load] of Object.entries(benches)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const bench = await load();
    const { text, limits, figures } = await bench((line) => process.stderr.write(`${name}: ${line}\n`));
    outcomes[name] = { limits: limits.map((limit) => ({ ...limit, standing: standingOf(limit) })), figures };
    if (!json) process.stdout.write(show(name, { text, limits, figures }));
  }
  if (json) process.stdout.write(`${JSON.stringify({ schema: 1, machine, benches: outcomes }, null, 2)}\n`);
  return Object.values(outcomes).some(({ limits }) => limits.some((limit) => standingOf(limit) === 'over')) ? 1 : 0;
};

process.exitCode = await main(process.argv.slice(2));

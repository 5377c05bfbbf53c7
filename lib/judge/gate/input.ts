import type { GatePlan } from '../../config/plan.ts';

type Limits = GatePlan['inputs'][string];

/** A figure from outside, held against its limit. */
export type GateInput = {
  readonly name: string;
  /** `null`: not given, and not required. */
  readonly value: number | null;
  readonly min?: number;
  readonly max?: number;
  readonly required: boolean;
  /** `null` says nothing of the service: it was not given. */
  readonly result: 'pass' | 'fail' | null;
  /** In words: `31, at most 30`. */
  readonly reason: string;
};

/** `at most 15`, `at least 1`, `1 to 15`. */
export const limitWords = ({ min, max }: Pick<Limits, 'min' | 'max'>): string => {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `${min} to ${max}`;
};

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

const readNumber = (text: string): number | undefined => {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
};

const knownWords = (limits: GatePlan['inputs']): string => {
  const names = Object.keys(limits);
  return names.length === 0 ? 'its gate names no inputs' : `its gate has ${names.join(', ')}`;
};

/** One `name=value`: what it says, or what is wrong with it. */
const readOne = (text: string, limits: GatePlan['inputs']): readonly [name: string, value: number] | string => {
  const at = text.indexOf('=');
  if (at < 1) return `--input '${text}': write it as name=value`;
  const [name, given] = [text.slice(0, at), text.slice(at + 1).trim()];
  if (!Object.hasOwn(limits, name)) return `--input ${name}: the config knows no such input; ${knownWords(limits)}`;
  const value = readNumber(given);
  return value === undefined ? `--input ${name}: '${given}' is no number; write such as 8 or 8.5` : [name, value];
};

/**
 * Reads what was given from outside, each as `name=value`.
 *
 * @returns the values by name, and all that is wrong with them in words: unknown, no number, twice, required and missing.
 */
export const readGateInputs = (
  given: readonly string[],
  limits: GatePlan['inputs'],
): { readonly values: ReadonlyMap<string, number>; readonly problems: readonly string[] } => {
  const values = new Map<string, number>();
  const named = new Set<string>();
  const problems: string[] = [];
  for (const text of given) {
    const read = readOne(text, limits);
    const name = text.slice(0, Math.max(0, text.indexOf('=')));
    if (typeof read === 'string') problems.push(read);
    else if (values.has(name)) problems.push(`--input ${name} is given twice`);
    else values.set(...read);
    named.add(name);
  }
  const missing = Object.entries(limits).filter(([name, { required }]) => required && !named.has(name));
  return {
    values,
    problems: [
      ...problems,
      ...missing.map(([name, one]) => `input ${name} is required: add --input ${name}=NUMBER (${limitWords(one)})`),
    ],
  };
};

const judgeInput = (name: string, limits: Limits, value: number | undefined): GateInput => {
  const { min, max } = limits;
  if (value === undefined)
    return { name, value: null, ...limits, result: null, reason: `not given, ${limitWords(limits)}` };
  const holds = (min === undefined || value >= min) && (max === undefined || value <= max);
  return { name, value, ...limits, result: holds ? 'pass' : 'fail', reason: `${value}, ${limitWords(limits)}` };
};

/** Every input of the gate against its limits, in the config's order; a limit itself is still good. */
export const judgeGateInputs = (
  limits: GatePlan['inputs'],
  values: ReadonlyMap<string, number>,
): readonly GateInput[] => Object.entries(limits).map(([name, one]) => judgeInput(name, one, values.get(name)));

import { type Parsed, parsed, refused } from '../config/parsed.ts';
import type { DispatchInput } from './input.ts';

const keys: Readonly<Record<DispatchInput['kind'], readonly string[]>> = {
  cadence: ['kind', 'cadence', 'scheduledTime', 'at'],
  tick: ['kind', 'scheduledTime', 'at'],
  demand: ['kind', 'probes', 'clientToken', 'askedAt', 'at'],
};

const required: Readonly<Record<DispatchInput['kind'], readonly string[]>> = {
  cadence: ['cadence', 'scheduledTime'],
  tick: ['scheduledTime'],
  demand: ['clientToken'],
};

const isKind = (value: unknown): value is DispatchInput['kind'] =>
  typeof value === 'string' && Object.hasOwn(keys, value);

/** It becomes part of the run's id, and of what a person reads. */
const token = /^[\w.:@/+=-]{1,128}$/;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const checkTexts = (given: ReadonlyMap<string, unknown>, kind: DispatchInput['kind']): string | undefined => {
  const missing = required[kind].find((key) => !given.has(key));
  if (missing !== undefined) return `has no ${missing}, which kind ${kind} needs`;
  for (const [key, value] of given) {
    if (!keys[kind].includes(key)) return `has a key ${key.slice(0, 80)}, which kind ${kind} does not know`;
    if (key !== 'probes' && !isText(value)) return `${key} is no text`;
  }
  return undefined;
};

/** What somebody invoked the dispatcher with, checked: by hand it is a person who writes it. */
export const readDispatchInput = (value: unknown): Parsed<DispatchInput> => {
  if (typeof value !== 'object' || value === null) return refused('the input is no JSON object');
  const given = new Map<string, unknown>(Object.entries(value));
  const kind = given.get('kind');
  if (!isKind(kind)) return refused(`the input has no kind: write ${Object.keys(keys).join(', ')}`);
  const complaint = checkTexts(given, kind);
  if (complaint !== undefined) return refused(`the input ${complaint}`);
  if (kind === 'demand') {
    const probes = given.get('probes') ?? [];
    if (!Array.isArray(probes) || !probes.every(isText)) return refused('the input probes is no list of ids');
    if (!token.test(String(given.get('clientToken')))) {
      return refused('the input clientToken is no token: use up to 128 letters, digits and . _ - : @ / + =');
    }
    return parsed({ ...(value as Extract<DispatchInput, { kind: 'demand' }>), probes });
  }
  return parsed(value as DispatchInput);
};

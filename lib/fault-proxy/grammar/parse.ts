import type { Fault, Layer } from '../fault.ts';
import { actions } from './actions.ts';
import { isFrameWord, readMatch } from './match.ts';
import { readWhen } from './quantity.ts';
import { type Read, right, wrong } from './read.ts';

export type Parsed<T> = { readonly value: T } | { readonly problems: readonly string[] };

const layers: readonly Layer[] = ['http', 'upgrade', 'frame'];
const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
// Spaces are allowed between the parentheses of a distribution and inside quotes.
const wordPattern = new RegExp(String.raw`(?:${quoted}|\([^()"]*\)|[^\s"])+`, 'gs');
const headPattern = new RegExp(`^(?:([a-z]+):)?([a-z][a-z-]*)(?:=((?:${quoted}|[^"@])*))?(?:@(.*))?$`, 's');

const namesOf = (layer: Layer): readonly string[] => Object.keys(actions[layer]);
const allNames = (): string => [...new Set(layers.flatMap(namesOf))].sort().join(', ');

/** A name of one layer needs no prefix; a shared one is HTTP unless a prefix or a frame's match word says otherwise. */
const layerOf = (prefix: string | undefined, name: string, words: readonly string[]): Read<Layer> => {
  if (prefix !== undefined) {
    const layer = layers.find((each) => each === prefix);
    if (!layer) return wrong(`there is no layer ${prefix}; the layers are ${layers.join(', ')}`);
    const names = namesOf(layer);
    return names.includes(name) ? right(layer) : wrong(`${layer} has no fault ${name}; it has ${names.join(', ')}`);
  }
  const having = layers.filter((layer) => namesOf(layer).includes(name));
  if (having.includes('frame') && words.some(isFrameWord)) return right('frame');
  return having[0] ? right(having[0]) : wrong(`there is no fault ${name}; the faults are ${allNames()}`);
};

const problemIn = (subject: string, read: Read<unknown> | undefined): readonly string[] =>
  read && 'problem' in read ? [`${subject} ${read.problem}`] : [];

/**
 * Parses a fault, `[LAYER:]NAME[=VALUE][@WHEN] [MATCH ...]`: `error=503@0.1 POST /api`, `drop@nth:3 in type=event`.
 * Never throws: answers every problem, each a sentence.
 */
export const parseFault = (spec: string): Parsed<Fault> => {
  const fail = (...problems: readonly string[]) => ({ problems: problems.map((each) => `fault '${spec}': ${each}`) });
  const [head = '', ...words] = spec.match(wordPattern) ?? [];
  if (spec.replace(new RegExp(quoted, 'gs'), '').includes('"')) return fail('a quote is never closed');
  const [matched, prefix, name = '', value, when] = headPattern.exec(head) ?? [];
  if (matched === undefined) return fail('it does not read as [LAYER:]NAME[=VALUE][@WHEN] [MATCH ...]');
  const layer = layerOf(prefix, name, words);
  if ('problem' in layer) return fail(layer.problem);
  const action = actions[layer.value][name]?.(value);
  const selected = when === undefined ? undefined : readWhen(when);
  const { match, problems } = readMatch(layer.value, words);
  const all = [...problemIn('its value', action), ...problemIn('its @', selected), ...problems];
  if (all.length > 0 || !action || 'problem' in action) return fail(...all);
  const fault = {
    layer: layer.value,
    ...action.value,
    ...(selected && 'value' in selected ? { when: selected.value } : {}),
    ...(words.length > 0 ? { match } : {}),
  };
  // The reader was found by layer and name, a tie that the type system does not see.
  return { value: fault as Fault };
};

/** Parses many; every problem of every spec at once. */
export const parseFaults = (specs: readonly string[]): Parsed<readonly Fault[]> => {
  const parsed = specs.map(parseFault);
  const problems = parsed.flatMap((each) => ('problems' in each ? each.problems : []));
  return problems.length > 0
    ? { problems }
    : { value: parsed.flatMap((each) => ('value' in each ? [each.value] : [])) };
};

/**
 * Faults written out in code: `faultsOf('delay=200ms', 'drop@nth:2 in')`.
 *
 * @throws TypeError with every problem.
 */
export const faultsOf = (...specs: readonly string[]): readonly Fault[] => {
  const parsed = parseFaults(specs);
  if ('problems' in parsed) throw new TypeError(parsed.problems.join('; '));
  return parsed.value;
};

import type { Bench } from './bench.ts';
import { type BundleChunk, bundleProbe, bytesOf, findForbidden, packageOf } from './probe-bundle.ts';
import { renderTable } from './table.ts';

/** DESIGN.md, "Measures that hold everywhere". */
const atMostBytes = { evaluated: 200_000, total: 900_000 } as const;

const largest = 5;

/** Bytes of each package, and of our own code as one, where they are evaluated with the entry. */
const weighPackages = (chunks: readonly BundleChunk[]): readonly (readonly [string, number])[] => {
  const weights = new Map<string, number>();
  for (const { path, bytes } of chunks.filter(({ isStatic }) => isStatic).flatMap(({ inputs }) => inputs)) {
    const name = packageOf(path) ?? 'lib';
    weights.set(name, (weights.get(name) ?? 0) + bytes);
  }
  return [...weights].toSorted(([, a], [, b]) => b - a);
};

const render = (chunks: readonly BundleChunk[], cjsBytes: number): readonly string[] => {
  const inputs = chunks
    .flatMap(({ file, isStatic, inputs }) => inputs.map((input) => ({ ...input, file, isStatic })))
    .toSorted((a, b) => b.bytes - a.bytes);
  return [
    ...renderTable([
      ['chunk', 'bytes', 'evaluated'],
      ...chunks.map(({ file, bytes, isStatic }) => [file, bytes, isStatic ? 'at once' : 'when asked for']),
    ]),
    '',
    ...renderTable([
      ['largest inputs', 'bytes', 'chunk'],
      ...inputs.slice(0, largest).map(({ path, bytes, file }) => [path, bytes, file]),
    ]),
    '',
    ...renderTable([['evaluated at once', 'bytes'], ...weighPackages(chunks)]),
    '',
    `esm, split: ${bytesOf(chunks)} bytes; cjs, in one piece: ${cjsBytes} bytes; no SDK client is in it yet`,
  ];
};

/** The probe function's bundle: its size, what is evaluated before the first sample of a plain http probe, what is in it. */
export const benchBundle: Bench = async () => {
  const [chunks, cjs] = await Promise.all([bundleProbe('esm'), bundleProbe('cjs')]);
  const evaluated = bytesOf(chunks.filter(({ isStatic }) => isStatic));
  const forbidden = findForbidden([...chunks, ...cjs]);
  return {
    limits: [
      { what: 'evaluated before the first sample', actual: evaluated, atMost: atMostBytes.evaluated, unit: 'B' },
      { what: 'whole bundle, without SDK clients', actual: bytesOf(chunks), atMost: atMostBytes.total, unit: 'B' },
      { what: 'parts that no Lambda may carry', actual: forbidden.length, atMost: 0, unit: '' },
    ],
    text: [...render(chunks, bytesOf(cjs)), ...forbidden],
    figures: {
      chunks: chunks.map(({ text: _, ...chunk }) => ({ ...chunk, inputs: chunk.inputs.slice(0, largest) })),
      cjsBytes: bytesOf(cjs),
      forbidden,
    },
  };
};

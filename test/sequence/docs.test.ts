import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { messageFields } from '../../lib/config/message-field.ts';
import { formatProblems, parseConfig } from '../../lib/config/parse.ts';
import { codecNames } from '../../lib/config/schema/codec.ts';
import { invariantKeys } from '../../lib/config/schema/invariant.ts';
import { stepKeys } from '../../lib/config/schema/step.ts';
import { root } from '../support/cli.ts';

const docs = readFileSync(join(root, 'docs/sequences.md'), 'utf8');

/** First cells of the rows below a heading. */
const rowsOf = (heading: string): readonly string[] => {
  const section = docs.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell ?? '');
};

const namesIn = (cells: readonly string[]): readonly string[] => [
  ...new Set(cells.map((cell) => /^`([\w.-]+)/.exec(cell)?.[1] ?? cell)),
];

describe('docs/sequences.md', () => {
  it('has a row for each step, each invariant and each codec, and for none that there is not', () => {
    expect(namesIn(rowsOf('Steps')).toSorted()).toEqual([...stepKeys].toSorted());
    expect(namesIn(rowsOf('Invariants')).toSorted()).toEqual([...invariantKeys].toSorted());
    expect(namesIn(rowsOf('Codecs')).toSorted()).toEqual([...codecNames].toSorted());
  });

  it('names every field of a message', () => {
    for (const field of messageFields) expect(docs).toContain(`\`$${field}\``);
  });
});

describe('the message streams of the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const block = /^## Message streams$[\s\S]*?```ts\n([\s\S]*?)```/m.exec(readme)?.[1] ?? '';
  const before = [
    { request: { url: 'https://a.example' }, capture: { noteId: '$.id', head: '$.head' } },
    { connect: { as: 'a', url: 'wss://a.example' } },
  ];
  const parse = (steps: string) =>
    parseConfig({
      service: 'notes',
      probes: [{ id: 'a', kind: 'websocket', codec: 'notes', steps: [...before, ...runInNewContext(`[${steps}]`)] }],
    });
  const complaints = (steps: string): string => {
    const result = parse(steps);
    return result.ok ? '' : formatProblems(result.problems);
  };

  it('are steps that a config may have, to the letter', () => {
    expect(block).toContain('replay');
    expect(complaints(block)).toBe('');
    expect(complaints(block.replace('equalsLive', 'equalsLife'))).toContain('equalsLife');
  });
});

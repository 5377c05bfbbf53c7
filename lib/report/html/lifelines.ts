import type { Rung, SequenceRecord } from '../../result/result.ts';
import { html, type Markup } from './markup.ts';
import { percent } from './scale.ts';

export type Lane = {
  readonly name: string;
  /** Percent from the line of Plimsoll, which is at 0. */
  readonly at: number;
};

/** The lanes of a sequence, in the order in which the pass opened the connections. */
export function lanesOf({ connections }: SequenceRecord): readonly Lane[] {
  return connections.map(({ name }, index) => ({ name, at: (100 * (index + 1)) / connections.length }));
}

/** The lifelines of each row. A connection's begins with its first rung, and is thin between one opening and the next. */
export function lifelines(rungs: readonly Rung[], lanes: readonly Lane[]): readonly Markup[] {
  const spells = lanes.map(({ name, at }) => ({ x: percent(at), spells: spellsOf(name, rungs) }));
  return rungs.map((_, index) => {
    const lines = spells.flatMap((one) => [
      stretch(one.x, ['0', '50%'], stateAt(one.spells, index - 0.5)),
      stretch(one.x, ['50%', '100%'], stateAt(one.spells, index + 0.5)),
    ]);
    return html`<line class="sq-life" x1="0" x2="0" y1="0" y2="100%"/>${lines}`;
  });
}

/** Rungs from the first to the last of one generation of a connection. */
type Spell = { readonly from: number; readonly to: number };

function spellsOf(name: string, rungs: readonly Rung[]): readonly Spell[] {
  const spells = new Map<number, Spell>();
  for (const [index, rung] of rungs.entries()) {
    if (rung.kind !== 'frame' || rung.connection !== name) continue;
    spells.set(rung.generation, { from: spells.get(rung.generation)?.from ?? index, to: index });
  }
  return [...spells.values()];
}

type State = 'unopened' | 'open' | 'between';

function stateAt(spells: readonly Spell[], place: number): State {
  const begun = spells.filter((spell) => spell.from < place);
  const last = begun.at(-1);
  if (last === undefined) return 'unopened';
  return place > last.to && begun.length < spells.length ? 'between' : 'open';
}

function stretch(x: string, [from, to]: readonly [string, string], state: State): Markup | null {
  if (state === 'unopened') return null;
  return html`<line class="sq-life${state === 'between' ? ' is-between' : ''}" x1="${x}" x2="${x}" y1="${from}" y2="${to}"/>`;
}

/** Rungs with which a connection is opened, and for the how many-th time. */
export function openings(rungs: readonly Rung[]): ReadonlyMap<number, number> {
  const known = new Map<string, number>();
  const opened = new Map<number, number>();
  for (const [index, rung] of rungs.entries()) {
    if (rung.kind !== 'frame' || rung.generation === known.get(rung.connection)) continue;
    known.set(rung.connection, rung.generation);
    opened.set(index, rung.generation);
  }
  return opened;
}

import type { PriceName, Quantities } from './prices.ts';

export const entriesOf = (quantities: Quantities): readonly (readonly [PriceName, number])[] =>
  // Its keys are the names of prices: that is its type.
  Object.entries(quantities) as unknown as readonly (readonly [PriceName, number])[];

export const times = (quantities: Quantities, count: number): Quantities =>
  Object.fromEntries(entriesOf(quantities).map(([name, quantity]) => [name, quantity * count]));

export const sumOf = (all: readonly Quantities[]): Quantities => {
  const sums = new Map<PriceName, number>();
  for (const quantities of all) {
    for (const [name, quantity] of entriesOf(quantities)) sums.set(name, (sums.get(name) ?? 0) + quantity);
  }
  return Object.fromEntries(sums);
};

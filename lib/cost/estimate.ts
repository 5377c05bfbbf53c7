import type { Plan } from '../config/plan.ts';
import { type Charge, takeInventory } from './inventory.ts';
import { type Assumption, type CostModel, describeModel, usualModel } from './model.ts';
import { openTill, type PriceName, type Prices, priceTable, type Till, prices as usualPrices } from './prices.ts';
import { entriesOf } from './quantities.ts';
import { syntheticsOf } from './synthetics.ts';

export type CostUse = {
  readonly price: PriceName;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
};

/** One line of the bill. */
export type CostLine = { readonly what: string; readonly usd: number; readonly uses: readonly CostUse[] };

/** US dollars of a month, in one region, once the plan has run for as long as it keeps things. */
export type CostEstimate = {
  /** Where and when the prices held. */
  readonly region: string;
  readonly date: string;
  /** A month, on average. */
  readonly runs: number;
  /** The same for one probe and for 10,000, but for cadences. */
  readonly fixed: readonly CostLine[];
  readonly marginal: readonly CostLine[];
  readonly fixedUsd: number;
  readonly marginalUsd: number;
  readonly totalUsd: number;
  /** The marginal part over the runs; `null` when nothing has a schedule. */
  readonly perRunUsd: number | null;
  readonly freeTier: {
    /** Whether what every account has free of charge is taken off. Default false: another stack may have used it up. */
    readonly applied: boolean;
    /** The total with it, in an account that has nothing else. */
    readonly totalUsd: number;
  };
  /** The same plan on CloudWatch Synthetics. */
  readonly synthetics: { readonly lines: readonly CostLine[]; readonly totalUsd: number };
  readonly assumptions: readonly (Assumption & { readonly name: string })[];
};

export type CostOptions = {
  readonly freeTier?: boolean;
  /** Figures in place of those that are assumed. */
  readonly model?: Partial<CostModel>;
  /** Instead of the dated table. */
  readonly prices?: Prices;
};

const totalOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);

const lineOf = ({ what, quantities }: Charge, till: Till, prices: Prices): CostLine => {
  const uses = entriesOf(quantities)
    .filter(([, quantity]) => quantity > 0)
    .map(([price, quantity]) => ({ price, quantity, unit: prices[price].unit, usd: till(price, quantity) }));
  return { what, usd: uses.reduce((sum, { usd }) => sum + usd, 0), uses };
};

/** Prices charges one after another; what is cheaper in bulk is so for all of them together. */
export const priceCharges = (
  charges: readonly Charge[],
  { prices = usualPrices, freeTier = false }: Pick<CostOptions, 'prices' | 'freeTier'> = {},
  till: Till = openTill(prices, freeTier),
): readonly CostLine[] => charges.map((charge) => lineOf(charge, till, prices));

const billOf = (plan: Plan, model: CostModel, prices: Prices, freeTier: boolean) => {
  const { runs, ...charges } = takeInventory(plan, model);
  const till = openTill(prices, freeTier);
  const fixed = priceCharges(charges.fixed, { prices }, till);
  const marginal = priceCharges(charges.marginal, { prices }, till);
  const [fixedUsd, marginalUsd] = [totalOf(fixed), totalOf(marginal)];
  return { runs, fixed, marginal, fixedUsd, marginalUsd, totalUsd: fixedUsd + marginalUsd };
};

/** What a month of the plan costs in AWS, line by line, fixed and marginal apart. Pages, and drills and runs on demand, are not in it. */
export const estimateCost = (plan: Plan, options: CostOptions = {}): CostEstimate => {
  const { freeTier = false, prices = usualPrices } = options;
  const model = { ...usualModel, ...options.model };
  const bill = billOf(plan, model, prices, freeTier);
  const canaries = priceCharges(syntheticsOf(plan, model), { prices, freeTier });
  return {
    ...priceTable,
    ...bill,
    perRunUsd: bill.runs === 0 ? null : bill.marginalUsd / bill.runs,
    freeTier: {
      applied: freeTier,
      totalUsd: freeTier ? bill.totalUsd : billOf(plan, model, prices, true).totalUsd,
    },
    synthetics: { lines: canaries, totalUsd: totalOf(canaries) },
    assumptions: describeModel(model),
  };
};

import type { Bench } from './bench.ts';
import { benchSketches, fullEffort } from './detection/sketches.ts';
import { benchValues } from './detection/values.ts';

/** What the judge's detectors miss, and how often they cry wolf, beside the rules of others. Pure arithmetic, fixed seeds. */
export const benchDetection: Bench = async (tell) => {
  const sketches = benchSketches(fullEffort, tell);
  const values = await benchValues(tell);
  return {
    limits: [...sketches.limits, ...values.limits],
    text: [...sketches.text, ...values.text],
    figures: { sketches: sketches.figures, values: values.figures },
  };
};

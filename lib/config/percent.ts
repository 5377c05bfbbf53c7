import { type Parsed, parsed, refused } from './parsed.ts';

const percent = /^(\d+(?:\.\d+)?)\s*%$/;

/** `99.9%` to the fraction 0.999. Without the sign a number is ambiguous (is 1 all, or one in a hundred?). */
export const parsePercent = (text: string): Parsed<number> => {
  const digits = percent.exec(text.trim())?.[1];
  if (digits === undefined) return refused('is not a percentage');
  // Shifting the decimal point in the text keeps 99.9 % at 0.999, which 99.9 / 100 is not.
  const fraction = Number(`${digits}e-2`);
  return Number.isFinite(fraction) ? parsed(fraction) : refused('is not a percentage');
};

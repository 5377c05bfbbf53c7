import { type Parsed, parsed, refused } from './parsed.ts';

/** `kb` and `kib` are both 1024 bytes: caps are about memory, and nobody who writes 10mb means 9.54. */
const unitBytes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};

const size = /^(\d+(?:\.\d+)?)\s*([kmg]i?b|b)$/i;

export const sizeRemedy = "write bytes as a number, or a size such as '512kb' or '10mb'";

/** `10mb`, `1.5 KiB` or a number of bytes to whole bytes. */
export const parseSize = (value: string | number): Parsed<number> => {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value > 0 ? parsed(value) : refused('is not a whole number of bytes over 0');
  }
  const match = size.exec(value.trim());
  const unit = unitBytes[match?.[2]?.toLowerCase() ?? ''];
  if (!match || unit === undefined) return refused('is not a size');
  const bytes = Math.round(Number(match[1]) * unit);
  if (bytes < 1) return refused('is less than one byte');
  return Number.isSafeInteger(bytes) ? parsed(bytes) : refused('is too large to count in bytes');
};

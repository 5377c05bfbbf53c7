import type { Json } from '../config/plan.ts';

/** A value that has a place in an order; bigint where a number would not be exact. */
export type Ordinal = number | bigint;

export type OrdinalRead = { readonly ordinal: Ordinal } | { readonly problem: 'inexact' | 'unordered' };

const wholeText = /^-?\d{1,1000}$/;

/**
 * Reads a sequence number or cursor. Numbers and texts of digits are ordered alike, texts of up to 1,000 digits exactly.
 * A JSON number beyond 2^53 was rounded before anybody could look at it (RFC 8259 §6): it is `inexact`.
 */
export const readOrdinal = (value: Json): OrdinalRead => {
  if (typeof value === 'number') {
    const exact = Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    return exact ? { ordinal: value } : { problem: 'inexact' };
  }
  if (typeof value !== 'string' || !wholeText.test(value)) return { problem: 'unordered' };
  return { ordinal: value.length <= 15 ? Number(value) : BigInt(value) };
};

export const isWhole = (ordinal: Ordinal): boolean => typeof ordinal === 'bigint' || Number.isInteger(ordinal);

/** Exact between numbers and bigints. */
export const compareOrdinals = (a: Ordinal, b: Ordinal): number => (a < b ? -1 : a > b ? 1 : 0);

/** How far `next` is from `previous`; both must be whole. */
export const stepsBetween = (previous: Ordinal, next: Ordinal): bigint => BigInt(next) - BigInt(previous);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Equality of JSON values: by content, key order aside, and never across types (`1` is not `"1"`). `spend` is told how
 * many values are compared, and may throw to end it.
 */
export const jsonEquals = (a: unknown, b: unknown, spend?: (values: number) => void): boolean => {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    spend?.(a.length);
    return a.every((item, index) => jsonEquals(item, b[index], spend));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  spend?.(keys.length);
  return keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key], b[key], spend));
};

/** Whether `whole` holds all of `part`: objects key by key, deeply; arrays and scalars whole. */
export const jsonContains = (whole: unknown, part: unknown): boolean =>
  isObject(part)
    ? isObject(whole) &&
      Object.keys(part).every((key) => Object.hasOwn(whole, key) && jsonContains(whole[key], part[key]))
    : jsonEquals(whole, part);

/** Name of a JSON type, as the `type` matcher spells it. Whole numbers are `integer` to those who ask for it. */
export const jsonType = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

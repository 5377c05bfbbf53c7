const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Equality of JSON values: by content, key order aside, and never across types (`1` is not `"1"`). */
export const jsonEquals = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => jsonEquals(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key], b[key]))
  );
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

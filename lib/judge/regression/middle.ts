/**
 * The middle one of `values[from]` to `values[to - 1]`, the upper of two; 0 of none. They change their order: it is
 * Hoare's selection, which sorts nothing.
 */
export const selectMiddle = (values: Float64Array, from: number, to: number): number => {
  const wanted = from + ((to - from) >> 1);
  let [low, high] = [from, to - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let [left, right] = [low, high];
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left++;
      while ((values[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const held = values[left] ?? 0;
      values[left++] = values[right] ?? 0;
      values[right--] = held;
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else break;
  }
  return to > from ? (values[wanted] ?? 0) : 0;
};

/** The same of values that stay as they are. */
export const middle = (values: readonly number[]): number => selectMiddle(new Float64Array(values), 0, values.length);

/** Sorts a few dozen values, ascending: at that size moving each to its place is quicker than anything cleverer. */
export const sortFew = (values: readonly number[]): Float64Array => {
  const sorted = new Float64Array(values.length);
  for (let index = 0; index < sorted.length; index++) {
    const value = values[index] ?? 0;
    let place = index;
    for (; place > 0 && (sorted[place - 1] ?? 0) > value; place--) sorted[place] = sorted[place - 1] ?? 0;
    sorted[place] = value;
  }
  return sorted;
};

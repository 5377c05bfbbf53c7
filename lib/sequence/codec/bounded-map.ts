/** Sets the entry and makes it the latest; the oldest goes where there are too many, for names may be a target's. */
export const setLatest = <Value>(map: Map<string, Value>, key: string, value: Value, most = 10_000): void => {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const { value: oldest } = map.keys().next();
  if (oldest !== undefined) map.delete(oldest);
};

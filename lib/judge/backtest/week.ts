const dayMs = 86_400_000;

/** Days since the Monday before: 1970-01-01 was a Thursday. */
const mondayOf = (atMs: number): number => {
  const day = Math.floor(atMs / dayMs);
  return (day - ((((day + 3) % 7) + 7) % 7)) * dayMs;
};

/** The ISO 8601 week (UTC) of a time: `2026-W05`. Its year is that of its Thursday. */
export const weekOf = (atMs: number): string => {
  const thursday = mondayOf(atMs) + 3 * dayMs;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * dayMs));
  return `${year}-W${String(week).padStart(2, '0')}`;
};

/** Every week from one time to another, those of both included: the quiet ones are what one hopes for. */
export const weeksBetween = (fromMs: number, toMs: number): readonly string[] => {
  const weeks: string[] = [];
  for (let monday = mondayOf(fromMs); monday <= toMs; monday += 7 * dayMs) weeks.push(weekOf(monday));
  return weeks;
};

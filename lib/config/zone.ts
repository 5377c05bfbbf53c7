/** A time zone as the one function that a schedule needs. */
export type Zone = {
  /** Local time minus UTC, in ms, at an instant. */
  offsetAt(epochMs: number): number;
};

const utcNames = new Set(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', 'Z']);

/** Whether the runtime's time zone data knows the name (IANA, such as `Europe/Berlin`). */
export const isTimeZone = (name: string): boolean => {
  // An offset such as +01:00 is accepted by Intl, and hides the daylight saving that its author meant.
  if (/^[+-]/.test(name)) return false;
  if (utcNames.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** @throws RangeError for a name that `isTimeZone` refuses. */
export const openZone = (name: string): Zone => {
  if (utcNames.has(name)) return { offsetAt: () => 0 };
  // Making a formatter costs more than a hundred uses of it: one for each zone opened.
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return {
    offsetAt: (epochMs) => {
      const part: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(epochMs)) part[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(epochMs / 1000) * 1000;
    },
  };
};

/** What one local day looks like on the real clock. `transitionMs` is set where the offset changes around it. */
export type DayOffsets = {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly transitionMs?: number;
};

const hourMs = 3_600_000;

/** Offsets around the local day that begins at `wallMs` (local time counted as if it were UTC). */
export const dayOffsets = (zone: Zone, wallMs: number): DayOffsets => {
  // Offsets run from -12 h to +14 h, so that this window holds the day in every zone.
  let low = wallMs - 15 * hourMs;
  let high = wallMs + 37 * hourMs;
  const beforeMs = zone.offsetAt(low);
  const afterMs = zone.offsetAt(high);
  if (beforeMs === afterMs) return { beforeMs, afterMs };
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetAt(middle) === beforeMs) low = middle;
    else high = middle;
  }
  return { beforeMs, afterMs, transitionMs: high };
};

/** Instants at which the local clock shows `wallMs`: one; two where it is set back; none where it is set forward. */
export const instantsOf = (wallMs: number, offsets: DayOffsets): readonly number[] => {
  const early = wallMs - offsets.beforeMs;
  const { transitionMs } = offsets;
  if (transitionMs === undefined) return [early];
  const late = wallMs - offsets.afterMs;
  return [...(early < transitionMs ? [early] : []), ...(late >= transitionMs ? [late] : [])];
};

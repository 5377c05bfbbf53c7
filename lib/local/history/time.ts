const zero = 48;

/** The whole number of `length` digits at `from`, or NaN. */
const digits = (text: string, from: number, length: number): number => {
  let value = 0;
  for (let at = from; at < from + length; at += 1) {
    const digit = text.charCodeAt(at) - zero;
    // Written so that the NaN behind the end of a text fails, too.
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

const daysInMonth = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;

const zone = /^([+-])(\d\d):?(\d\d)?$/;

/** Offset from UTC in ms; a time without a zone is UTC, as a judge may not depend on where it runs. */
const offsetOf = (text: string): number => {
  if (text === '' || text === 'Z' || text === 'z' || text === ' UTC') return 0;
  const match = zone.exec(text.trim());
  if (!match) return Number.NaN;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
};

/** Milliseconds of the fraction at `from`, and where it ends. */
const fractionAt = (text: string, from: number): readonly [ms: number, end: number] => {
  const mark = text[from];
  if (mark !== '.' && mark !== ',') return [0, from];
  let [end, ms, unit] = [from + 1, 0, 100];
  for (let digit = digits(text, end, 1); digit >= 0; digit = digits(text, end, 1)) {
    ms += digit * unit;
    unit /= 10;
    end += 1;
  }
  return end === from + 1 ? [Number.NaN, end] : [Math.floor(ms + 1e-6), end];
};

const clockMs = (text: string): number => {
  const [hours, minutes] = [digits(text, 11, 2), digits(text, 14, 2)];
  const withSeconds = text[16] === ':';
  const seconds = withSeconds ? digits(text, 17, 2) : 0;
  // A leap second is the last one again.
  if (!(hours <= 23 && minutes <= 59 && seconds <= 60) || text[13] !== ':') return Number.NaN;
  const [ms, end] = fractionAt(text, withSeconds ? 19 : 16);
  return hours * 3_600_000 + minutes * 60_000 + Math.min(seconds, 59) * 1000 + ms - offsetOf(text.slice(end));
};

/** `2026-01-31`, `2026-01-31T13:00Z`, `2026-01-31 13:00:05.250+02:00`. */
const isoMs = (text: string): number => {
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  const mark = text[4];
  if ((mark !== '-' && mark !== '/') || text[7] !== mark) return Number.NaN;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  const midnight = Date.UTC(year, month - 1, day);
  if (text.length === 10) return midnight;
  return text[10] === 'T' || text[10] === ' ' || text[10] === 't' ? midnight + clockMs(text) : Number.NaN;
};

const epoch = /^-?\d+(?:\.\d+)?(?:[eE]\+?\d+)?$/;

/** By size: seconds until the year 5138, milliseconds from 1973 on, then micro- and nanoseconds. */
const epochMs = (text: string): number => {
  if (!epoch.test(text)) return Number.NaN;
  const value = Number(text);
  if (value < 1e11) return value * 1000;
  return value < 1e14 ? value : value < 1e17 ? value / 1000 : value / 1e6;
};

// Outside lies a slip, and not a measurement; and each week in between is counted.
const [earliestMs, latestMs] = [Date.UTC(1970, 0, 2), Date.UTC(2100, 0, 1)];

/**
 * Epoch ms of an ISO 8601 time (UTC where it names no zone) or of an epoch time in seconds, milliseconds, micro- or
 * nanoseconds, told apart by size. `undefined` for what is no time between 1970 and 2100.
 */
export const parseTime = (text: string): number | undefined => {
  const trimmed = text.trim();
  const mark = trimmed.charCodeAt(4);
  const ms = Math.round(mark === 45 || mark === 47 ? isoMs(trimmed) : epochMs(trimmed));
  return ms >= earliestMs && ms < latestMs ? ms : undefined;
};

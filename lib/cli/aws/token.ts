const ownToken = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/;

/** A token that says when it was made, so that nobody has to remember that: `20261117T130000000Z-1f2e3d4c`. */
export const newToken = (nowMs: number, random: string): string =>
  `${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '')}-${random.slice(0, 8)}`;

/** When one of those was made (ISO); nothing of a token that a person chose. */
export const timeInToken = (token: string): string | undefined => {
  const [, year, month, day, hour, minute, second, ms] = ownToken.exec(token) ?? [];
  if (ms === undefined) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
};

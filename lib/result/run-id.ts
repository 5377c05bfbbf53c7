import { createHash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** 130 bits: no two runs ever share an id, and it still fits a URL, a file name and a spoken sentence. */
const idChars = 26;

/** RFC 4648 base32, in lower case and without padding, which needs no escaping anywhere. */
export const base32 = (bytes: Uint8Array): string => {
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= 5) {
      heldBits -= 5;
      text += alphabet[(held >>> heldBits) & 31];
    }
    held &= (1 << heldBits) - 1;
  }
  return heldBits > 0 ? text + alphabet[(held << (5 - heldBits)) & 31] : text;
};

const isoTime = (time: string): string => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError(`a slot must be an ISO time such as 2026-01-31T13:00:00Z, not ${time}`);
  return new Date(ms).toISOString();
};

export type RunIdentity = {
  readonly probe: string;
  /** ISO time; any spelling of the same instant gives the same id. */
  readonly slot: string;
  readonly region: string;
  /** Tells runs on demand apart that share a slot. */
  readonly token?: string;
};

/** The region of what runs on somebody's own machine. */
export const localRegion = 'local';

/**
 * The id of a run, from what it is a run of: a slot that is delivered twice is stored once. 26 lower-case characters.
 *
 * @throws RangeError when the slot is no time.
 */
export const runId = ({ probe, slot, region, token }: RunIdentity): string => {
  // JSON keeps the parts apart: ("a", "b c") is never ("a b", "c"). Changing this line orphans every stored run.
  const identity = JSON.stringify(['plimsoll-run', probe, isoTime(slot), region, token ?? null]);
  return base32(createHash('sha256').update(identity).digest()).slice(0, idChars);
};

/**
 * The slot (ISO) that `nowMs` falls in: the last whole multiple of the cadence since the epoch.
 *
 * @throws RangeError when the cadence is not a whole number of ms of 1 and up.
 */
export const slotOf = (cadenceMs: number, nowMs: number): string => {
  if (!Number.isSafeInteger(cadenceMs) || cadenceMs < 1) {
    throw new RangeError(`a cadence is a whole number of ms of 1 and up, not ${cadenceMs}`);
  }
  return new Date(Math.floor(nowMs / cadenceMs) * cadenceMs).toISOString();
};

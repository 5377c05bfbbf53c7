import type { Environment } from '../../config/plan.ts';
import { scheduledTimeKeyword } from '../../names.ts';
import { longestDelayS } from '../message.ts';

type Refused = { readonly ok: false; readonly problem: string };

export const minuteMs = 60_000;

/** A queue holds back no longer, so nothing may be dispatched earlier. */
const farthestMs = longestDelayS * 1000;

const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** A time of an input, strictly: what is no time must never become a slot. */
export const readTime = (name: string, text: string): { readonly ok: true; readonly ms: number } | Refused => {
  const ms = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  // `Date.parse` takes Feb 31 for Mar 3.
  if (!Number.isNaN(ms) && isoOf(ms).slice(0, 19) === text.slice(0, 19)) return { ok: true, ms };
  const got = JSON.stringify(text.slice(0, 80));
  return { ok: false, problem: `${name} is ${got}: write a UTC time such as 2026-01-31T13:00:00Z` };
};

/** The minute (epoch ms) that a schedule fired for. `guessed`: nobody said, and it is that of the clock. */
export type Minute = { readonly ok: true; readonly fromMs: number; readonly guessed: boolean };

const minuteOf = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;

/** @param nowMs Epoch ms of the clock: what is far ahead of it is refused. */
export const readMinute = (scheduledTime: string, nowMs: number): Minute | Refused => {
  // An emulator that does not replace it. As a slot it would make every later run a duplicate of the first.
  if (scheduledTime === scheduledTimeKeyword) return { ok: true, fromMs: minuteOf(nowMs), guessed: true };
  const time = readTime('scheduledTime', scheduledTime);
  if (!time.ok) return time;
  if (time.ms > nowMs + farthestMs) {
    return { ok: false, problem: `scheduledTime is ${scheduledTime}, more than 15m ahead of ${isoOf(nowMs)}` };
  }
  return { ok: true, fromMs: minuteOf(time.ms), guessed: false };
};

/** What is taken for now, and how far that is ahead of the clock; `shiftMs` is absent when it is the clock. */
export const readNow = (
  at: string | undefined,
  environment: Environment,
  nowMs: number,
): { readonly ok: true; readonly nowMs: number; readonly shiftMs?: number } | Refused => {
  if (at === undefined) return { ok: true, nowMs };
  // A forged clock would write a false past, and end or open incidents in it.
  if (environment !== 'dev') {
    return { ok: false, problem: `\`at\` is for rehearsals, and refused where the environment is ${environment}` };
  }
  const time = readTime('at', at);
  return time.ok ? { ok: true, nowMs: time.ms, shiftMs: time.ms - nowMs } : time;
};

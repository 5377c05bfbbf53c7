import { version } from '../version.ts';
import { createAgents } from './connection.ts';
import { type Exchange, exchange } from './exchange.ts';
import { pause } from './pause.ts';
import type { ProbeContext } from './prober.ts';

/** What is to be delivered, made anew for each try: a signature carries its time. */
export type Message = {
  readonly url: URL;
  readonly compose: (nowMs: number) => {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
};

export type SendPolicy = {
  /** Of one try. */
  readonly timeoutMs: number;
  readonly tries: number;
  /** Before the second try, at most; it doubles with each. */
  readonly firstBackoffMs: number;
  /** Longest pause, whatever the receiver asks for. */
  readonly longestBackoffMs: number;
};

export const usualSendPolicy: SendPolicy = {
  timeoutMs: 10_000,
  tries: 4,
  firstBackoffMs: 1000,
  longestBackoffMs: 30_000,
};

/** `refused`: it will never have it. `failed`: all tries are used up, and another time may do. */
export type Sent = {
  readonly result: 'sent' | 'refused' | 'failed';
  /** In words, redacted: `answered 204`. */
  readonly detail: string;
  readonly tries: number;
};

export type SendDeps = {
  readonly context: ProbeContext;
  readonly policy: SendPolicy;
  /** 0 to 1: spreads the retries of many. */
  readonly random: () => number;
};

type Try = Omit<Sent, 'tries'> & {
  /** What the receiver asked for. */
  readonly retryAfterMs?: number;
};

/** Seconds or a date, RFC 9110 §10.2.3. */
const readRetryAfter = (value: string | undefined, nowMs: number): number | undefined => {
  if (value === undefined) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
};

const judgeAnswer = (answer: Exchange, nowMs: number): Try => {
  if ('failure' in answer) {
    // The guard and a URL that is none will say the same the next time.
    const lasting = answer.failure.kind === 'guard' || answer.failure.kind === 'template';
    return { result: lasting ? 'refused' : 'failed', detail: answer.failure.message };
  }
  const { status, headers } = answer.response;
  const detail = `answered ${status}`;
  if (status >= 200 && status < 300) return { result: 'sent', detail };
  if (status !== 429 && status < 500) return { result: 'refused', detail };
  const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs);
  return { result: 'failed', detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
};

const tryOnce = async (message: Message, { context, policy }: SendDeps, signal: AbortSignal): Promise<Try> => {
  const { headers, body } = message.compose(context.clock.now());
  // A connection of its own: a page is rare, and what idled for hours may be dead.
  const agents = createAgents(context.guard);
  try {
    const wire = {
      method: 'POST',
      url: message.url,
      headers: { 'user-agent': `plimsoll/${version}`, ...headers },
      body: Buffer.from(body),
      tls: { verify: true },
      maxBodyBytes: 64 * 1024,
    };
    return judgeAnswer(await exchange(wire, agents, context, policy.timeoutMs, signal), context.clock.now());
  } finally {
    agents.close();
  }
};

/** Half of it is chance, so that those who failed together do not come back together. */
const backoffMs = (tries: number, asked: number | undefined, { policy, random }: SendDeps): number => {
  const planned = policy.firstBackoffMs * 2 ** (tries - 1) * (0.5 + random() / 2);
  return Math.min(policy.longestBackoffMs, Math.max(planned, asked ?? 0));
};

/**
 * POSTs a message, through the guard like any probe. Network trouble, 429 and 5xx are tried again, with growing pauses
 * and no sooner than Retry-After asks; every other status is final, redirects among them. Rejects only when `signal`
 * aborts.
 */
export const send = async (message: Message, deps: SendDeps, signal: AbortSignal): Promise<Sent> => {
  const { policy, context } = deps;
  for (let tries = 1; ; tries += 1) {
    const { result, detail, retryAfterMs } = await tryOnce(message, deps, signal);
    if (result !== 'failed' || tries >= policy.tries) return { result, detail: context.redact(detail), tries };
    await pause(backoffMs(tries, retryAfterMs, deps), signal);
  }
};

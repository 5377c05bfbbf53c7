/**
 * For the clients of what must not be lost: the SDK's own retry of throttling, 5xx and cut connections, with a bound. Six
 * attempts wait for 0.8 s (S3: 1.6 s) at most in all where a connection breaks, and for 31 s where AWS throttles; the SDK's
 * budget of tokens ends them sooner when everything fails. A server that never answers would hold a call for ever, for the
 * SDK's own limit is none: it does for 30 s.
 */
export const attemptSettings = {
  retryMode: 'standard',
  maxAttempts: 6,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/** Wait before the n-th further attempt (from 0), in ms: full jitter, so that those who collided do not meet again. */
export const pauseMs = (attempt: number, firstMs = 25, longestMs = 1_000): number =>
  Math.random() * Math.min(longestMs, firstMs * 2 ** attempt);

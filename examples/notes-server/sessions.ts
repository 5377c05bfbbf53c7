import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from './options.ts';

export type Role = 'viewer' | 'editor';
export type Session = { readonly username: string; readonly role: Role; readonly csrfToken: string };

/** Demo accounts; nothing here is a secret. */
const USERS: Readonly<Record<string, { readonly password: string; readonly role: Role }>> = {
  editor: { password: 'editor-pass', role: 'editor' },
  viewer: { password: 'viewer-pass', role: 'viewer' },
};

export type LoginOutcome =
  | { readonly kind: 'in'; readonly sessionId: string; readonly session: Session }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

/** Sessions live in memory: a restart logs everyone out, as it would in the service that this one stands for. */
export type Sessions = {
  /** Every attempt counts against the limit of its address and user name, right or wrong. */
  login(address: string, username: string, password: string): LoginOutcome;
  find(sessionId: string): Session | 'expired' | 'unknown';
  logout(sessionId: string): void;
};

/** An expired session is told apart from an unknown one for so long. */
const REMEMBER_EXPIRED_MS = 60 * 60_000;

export function createSessions(options: {
  readonly clock: Clock;
  readonly sessionTtlMs: number;
  readonly loginLimit: number;
  readonly loginWindowMs: number;
}): Sessions {
  const { clock, sessionTtlMs } = options;
  const sessions = new Map<string, { readonly session: Session; readonly expiresMs: number }>();
  const attempts = createLoginLimit(options);

  function forgetOld(nowMs: number): void {
    // Sessions expire in the order they were made.
    for (const [id, { expiresMs }] of sessions) {
      if (nowMs < expiresMs + REMEMBER_EXPIRED_MS) return;
      sessions.delete(id);
    }
  }

  return {
    login(address, username, password) {
      const retryAfterMs = attempts.take(JSON.stringify([address, username]));
      if (retryAfterMs > 0) return { kind: 'limited', retryAfterMs };
      const user = Object.hasOwn(USERS, username) ? USERS[username] : undefined;
      if (user === undefined || !sameSecret(user.password, password)) return { kind: 'wrong' };
      const nowMs = clock.monotonic();
      forgetOld(nowMs);
      const sessionId = randomBytes(24).toString('base64url');
      const session = { username, role: user.role, csrfToken: randomBytes(24).toString('base64url') };
      sessions.set(sessionId, { session, expiresMs: nowMs + sessionTtlMs });
      return { kind: 'in', sessionId, session };
    },
    find(sessionId) {
      const found = sessions.get(sessionId);
      if (found === undefined) return 'unknown';
      return clock.monotonic() < found.expiresMs ? found.session : 'expired';
    },
    logout: (sessionId) => sessions.delete(sessionId),
  };
}

type LoginLimit = {
  /** Counts one attempt; the ms to wait when it is one too many, else 0. */
  take(key: string): number;
};

/** Fixed windows, each from its first attempt. */
function createLoginLimit(options: {
  readonly clock: Clock;
  readonly loginLimit: number;
  readonly loginWindowMs: number;
}): LoginLimit {
  const windows = new Map<string, { used: number; readonly endsMs: number }>();
  return {
    take(key) {
      const nowMs = options.clock.monotonic();
      for (const [old, { endsMs }] of windows) {
        if (nowMs < endsMs) break;
        windows.delete(old);
      }
      const window = windows.get(key) ?? { used: 0, endsMs: nowMs + options.loginWindowMs };
      windows.set(key, window);
      if (window.used >= options.loginLimit) return window.endsMs - nowMs;
      window.used++;
      return 0;
    },
  };
}

/** Compares in a time that tells nothing about where the two differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

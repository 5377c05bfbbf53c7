import { z } from 'zod';
import { SESSION_COOKIE } from '../access.ts';
import { type Route, refuse } from '../http.ts';
import type { Sessions } from '../sessions.ts';

const credentials = z.object({ username: z.string(), password: z.string() });

export function sessionRoutes(deps: {
  readonly sessions: Sessions;
  readonly secureCookies: boolean;
  readonly refused: (reason: 'wrong' | 'limited') => void;
}): readonly Route[] {
  const attributes = `Path=/; HttpOnly; SameSite=Lax${deps.secureCookies ? '; Secure' : ''}`;
  return [
    {
      method: 'POST',
      path: '/api/v1/login',
      role: null,
      async handle(call) {
        const body = await call.readJson(credentials);
        if ('refusal' in body) return body.refusal;
        const outcome = deps.sessions.login(call.address, body.value.username, body.value.password);
        if (outcome.kind !== 'in') deps.refused(outcome.kind);
        if (outcome.kind === 'wrong') return refuse(401, 'LOGIN_WRONG', 'user name or password is wrong');
        if (outcome.kind === 'limited') {
          const retryAfterS = Math.max(1, Math.ceil(outcome.retryAfterMs / 1000));
          const reply = refuse(429, 'TOO_MANY_LOGINS', `too many attempts; try again in ${retryAfterS} s`);
          return { ...reply, headers: { 'retry-after': String(retryAfterS) } };
        }
        // No Max-Age: the server alone decides when a session is over, and so can say that it has expired.
        const cookie = `${SESSION_COOKIE}=${outcome.sessionId}; ${attributes}`;
        return { status: 200, json: outcome.session, headers: { 'set-cookie': cookie } };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/logout',
      role: 'viewer',
      handle(_call, caller) {
        if (caller.via === 'session') deps.sessions.logout(caller.sessionId);
        return { status: 204, headers: { 'set-cookie': `${SESSION_COOKIE}=; Max-Age=0; ${attributes}` } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/me',
      role: 'viewer',
      handle: (_call, { username, role, via }) => ({ status: 200, json: { username, role, via } }),
    },
  ];
}

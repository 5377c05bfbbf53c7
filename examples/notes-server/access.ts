import type { IncomingHttpHeaders } from 'node:http';
import { type Role, type Session, type Sessions, sameSecret } from './sessions.ts';

export type Caller =
  | { readonly via: 'token'; readonly username: string; readonly role: Role }
  | {
      readonly via: 'session';
      readonly username: string;
      readonly role: Role;
      readonly sessionId: string;
      readonly session: Session;
    };
export type Refusal = { readonly status: 401 | 403; readonly code: string; readonly message: string };
export type Admission = { readonly caller: Caller } | { readonly refusal: Refusal };

/** Who calls, and may they: `role` is the least that is enough, `mutates` asks a session for its CSRF token. */
export type Access = (headers: IncomingHttpHeaders, role: Role, mutates: boolean) => Admission;

export const SESSION_COOKIE = 'sid';
export const CSRF_HEADER = 'x-csrf-token';

export function createAccess(sessions: Sessions, token: string): Access {
  return (headers, role, mutates) => {
    const admission = identify(headers, sessions, token);
    if ('refusal' in admission) return admission;
    const { caller } = admission;
    // A browser sends the cookie by itself, so only the header proves that our own page asked; a token needs no proof.
    if (mutates && caller.via === 'session') {
      const proof = headers[CSRF_HEADER];
      if (proof === undefined)
        return refuse(403, 'CSRF_MISSING', `a change by session needs the header ${CSRF_HEADER}`);
      if (!sameSecret(caller.session.csrfToken, String(proof))) {
        return refuse(403, 'CSRF_INVALID', `the ${CSRF_HEADER} is not the one that this session was given`);
      }
    }
    if (role === 'editor' && caller.role !== 'editor') {
      return refuse(403, 'ROLE_TOO_LOW', `this needs the role editor; ${caller.username} is a ${caller.role}`);
    }
    return admission;
  };
}

function identify(headers: IncomingHttpHeaders, sessions: Sessions, token: string): Admission {
  if (headers.authorization !== undefined) {
    return sameSecret(bearerToken(headers.authorization) ?? '', token)
      ? { caller: { via: 'token', username: 'probe', role: 'editor' } }
      : refuse(401, 'TOKEN_INVALID', 'the bearer token is not the one that this server was started with');
  }
  const sessionId = cookieValue(headers.cookie, SESSION_COOKIE);
  if (sessionId === undefined) {
    return refuse(401, 'UNAUTHENTICATED', 'send a bearer token, or log in at POST /api/v1/login');
  }
  const session = sessions.find(sessionId);
  if (session === 'expired') return refuse(401, 'SESSION_EXPIRED', 'the session has expired; log in again');
  if (session === 'unknown') return refuse(401, 'SESSION_UNKNOWN', 'there is no such session; log in again');
  return { caller: { via: 'session', sessionId, session, username: session.username, role: session.role } };
}

function refuse(status: Refusal['status'], code: string, message: string): Admission {
  return { refusal: { status, code, message } };
}

/** The token of an `Authorization: Bearer` header (RFC 6750); undefined for any other scheme. */
export function bearerToken(authorization: string): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  const pair = header?.split(';').find((part) => part.trim().startsWith(`${name}=`));
  return pair?.slice(pair.indexOf('=') + 1).trim();
}

import { type Route, refuse } from '../http.ts';

export type Identity = {
  /** Made anew at every start of the server. */
  readonly bootId: string;
  readonly startedAt: string;
  /** Names the log: another epoch means another history, whatever its cursors say. */
  readonly epoch: string;
};

export const VERSION = '1.0.0';

export function systemRoutes(deps: {
  readonly identity: Identity;
  readonly health: () => 'ok' | 'starting' | 'log failed';
  readonly renderMetrics: () => string;
}): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      role: null,
      handle() {
        const status = deps.health();
        if (status === 'ok') return { status: 200, json: { status } };
        return { ...refuse(503, 'UNAVAILABLE', `the server is not healthy: ${status}`, { status }) };
      },
    },
    {
      method: 'GET',
      path: '/version',
      role: null,
      handle: () => ({ status: 200, json: { name: 'notes-server', version: VERSION } }),
    },
    {
      method: 'GET',
      path: '/identity',
      role: null,
      handle: () => ({ status: 200, json: { ...deps.identity, version: VERSION } }),
    },
    {
      method: 'GET',
      path: '/metrics',
      role: null,
      handle: () => ({
        status: 200,
        text: deps.renderMetrics(),
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }),
    },
  ];
}

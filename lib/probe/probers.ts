import type { ProbeKind } from '../config/plan.ts';
import { probeHttp } from './http.ts';
import type { Prober } from './prober.ts';
import { probeWebsocket } from './websocket.ts';

/** Every protocol that can be probed: a new one is a file, a line here and a branch of the schema. */
export const probers: Readonly<Record<ProbeKind, Prober>> = { http: probeHttp, websocket: probeWebsocket };

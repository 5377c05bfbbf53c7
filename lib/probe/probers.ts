import type { ProbeKind } from '../config/plan.ts';
import { probeHttp } from './http.ts';
import type { Prober } from './prober.ts';

// `ws` and the sequence checks are a third of what a bundle carries: a plain http run does not wait for them.
const probeWebsocket: Prober = async (...run) => (await import('./websocket.ts')).probeWebsocket(...run);

/** Every protocol that can be probed: a new one is a file, a line here and a branch of the schema. */
export const probers: Readonly<Record<ProbeKind, Prober>> = { http: probeHttp, websocket: probeWebsocket };

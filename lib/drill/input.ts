import type { Request } from './record.ts';

/** What an execution of the machine is started with. */
export type DrillInput = { readonly drill: string; readonly run: string; readonly request: Request };

export const drillInput = (request: Request): DrillInput => ({
  drill: request.drillId,
  run: request.runId,
  request,
});

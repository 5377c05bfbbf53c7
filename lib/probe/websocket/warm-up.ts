import type { ProbePlan } from '../../config/plan.ts';
import { openConnection } from '../connection.ts';
import type { ProbeContext } from '../prober.ts';
import { renderTargetUrl } from '../request.ts';
import type { Values } from '../session.ts';
import { TemplateError } from '../template.ts';
import { rehearse } from './rehearsal.ts';

/** Where a connect step leads, as the connection beneath it; nothing where its URL hangs on a capture. */
const renderOrigin = (template: string, values: Values): URL | undefined => {
  try {
    return new URL(renderTargetUrl(template, values, ['ws:', 'wss:']).href.replace(/^ws/, 'http'));
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
};

/**
 * Goes through an upgrade in memory, and connects to each origin once for nothing: the first connection of a process
 * pays for loading and compiling our own code (measured: 12 ms of a connect step, 4 ms after this). It stops short of a
 * real upgrade, which a server may take for a visit. Nothing is timed here, for every pass opens connections of its own.
 */
export const warmUpOrigins = async (
  probe: ProbePlan,
  values: Values,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<void> => {
  await rehearse();
  const warmed = new Set<string>();
  for (const step of probe.steps) {
    const url = step.type === 'connect' ? renderOrigin(step.url, values) : undefined;
    if (step.type !== 'connect' || !url || warmed.has(url.origin)) continue;
    warmed.add(url.origin);
    const { socket } = await openConnection(url, step.tls, context, step.timeoutMs, signal);
    socket?.destroy();
  }
};

import type { ProbePlan, RequestStep } from '../config/plan.ts';
import type { ConnectionTiming } from '../result/result.ts';
import { type Agents, createAgents, openConnection } from './connection.ts';
import { createCookieJar } from './cookies.ts';
import { exchange } from './exchange.ts';
import { isSafe } from './method.ts';
import type { ProbeContext } from './prober.ts';
import { renderRequest, renderTargetUrl } from './request.ts';
import type { ConnectionMode, Values } from './session.ts';
import { TemplateError } from './template.ts';

/** First step of each origin that is known before anything was captured. */
const firstSteps = (probe: ProbePlan, values: Values): ReadonlyMap<string, { step: RequestStep; url: URL }> => {
  const found = new Map<string, { step: RequestStep; url: URL }>();
  for (const step of probe.steps) {
    if (step.type !== 'request') continue;
    try {
      const url = renderTargetUrl(step.request.url, values, ['http:', 'https:']);
      if (!found.has(url.origin)) found.set(url.origin, { step, url });
    } catch (error) {
      // Its URL hangs on a capture: it will be met, and measured, in its place.
      if (!(error instanceof TemplateError)) throw error;
    }
  }
  return found;
};

/** The origin's first request, sent once for nothing on a connection of its own, where it has no side effects. */
const throwAway = async (
  step: RequestStep,
  values: Values,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<void> => {
  if (!isSafe(step.request.method)) return;
  const agents = createAgents(context.guard, context.route);
  try {
    const wire = await renderRequest(step.request, values, createCookieJar(context.clock));
    await exchange(wire, agents, context, step.timeoutMs, signal);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
  } finally {
    agents.close();
  }
};

/**
 * Warms the process and the target, then opens one fresh connection for each origin, timed apart; in `keep-alive` mode
 * the samples go on with it. The first connection of a process pays for loading and compiling our own code (measured:
 * tens of ms on a small machine), so it is made once for nothing. A single `fresh` pass times its own connections.
 */
export const warmUpConnections = async (
  probe: ProbePlan,
  values: Values,
  agents: Agents,
  mode: ConnectionMode,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<readonly ConnectionTiming[]> => {
  const timings: ConnectionTiming[] = [];
  for (const { step, url } of firstSteps(probe, values).values()) {
    const { tls } = step.request;
    const discarded = await openConnection(url, tls, context, step.timeoutMs, signal);
    discarded.socket?.destroy();
    if (discarded.failure) {
      const { socket: _, ...timing } = discarded;
      timings.push(timing);
      continue;
    }
    if (mode === 'fresh') continue;
    await throwAway(step, values, context, signal);
    const { socket, ...timing } = await openConnection(url, tls, context, step.timeoutMs, signal);
    if (socket) agents.seed(url, tls, step.timeoutMs, socket);
    timings.push(timing);
  }
  return timings;
};

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Agent } from '../agent.ts';
import type { Automation } from '../automation.ts';
import { type Route, refuse } from '../http.ts';
import type { Clock } from '../options.ts';
import type { Store } from '../store.ts';

const logEntry = z.strictObject({
  provider: z.string('want the name of the provider').min(1, 'must not be empty').max(200),
  model: z.string().max(200).optional(),
  latencyMs: z.number('want a number of milliseconds').nonnegative(),
  status: z.int().optional(),
});

const question = z.strictObject({
  question: z.string('want text').trim().min(1, 'must not be empty').max(10_000),
  /** What becomes of the operation that the agent proposes. */
  decision: z.enum(['apply', 'reject']).default('apply'),
});

/** Rules and the agent, which answer later, and the request log, which is only written. */
export function workRoutes(deps: {
  readonly store: Store;
  readonly automation: Automation;
  readonly agent: Agent;
  readonly clock: Clock;
}): readonly Route[] {
  const { store } = deps;
  return [
    {
      method: 'POST',
      path: '/api/v1/rules/:id/run',
      role: 'editor',
      handle({ params: { id = '' } }) {
        const run = deps.automation.start(id);
        if (run === undefined) return refuse(404, 'NO_SUCH_RULE', `there is no rule ${id}`);
        return { status: 202, json: run, headers: { location: `/api/v1/rules/runs/${run.id}` } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/rules/runs/:runId',
      role: 'viewer',
      handle({ params: { runId = '' } }) {
        const run = store.state.runs.get(runId);
        return run === undefined ? refuse(404, 'NO_SUCH_RUN', `there is no run ${runId}`) : { status: 200, json: run };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/request-log',
      role: 'editor',
      async handle(call) {
        const body = await call.readJson(logEntry);
        if ('refusal' in body) return body.refusal;
        const { latencyMs, ...rest } = body.value;
        const entry = { id: randomUUID(), at: new Date(deps.clock.now()).toISOString() };
        store.record({ kind: 'request_log', ...entry, ...rest, latency_ms: latencyMs });
        return { status: 201, json: { ...entry, ...body.value } };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/agent',
      role: 'editor',
      async handle(call) {
        const body = await call.readJson(question);
        if ('refusal' in body) return body.refusal;
        const id = deps.agent.ask(body.value.question, body.value.decision);
        return { status: 202, json: { id, status: 'thinking' }, headers: { location: `/api/v1/agent/${id}` } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/agent/:id',
      role: 'viewer',
      handle({ params: { id = '' } }) {
        const asked = store.state.questions.get(id);
        if (asked === undefined) return refuse(404, 'NO_SUCH_QUESTION', `there is no question ${id}`);
        const status = asked.answer === undefined ? 'thinking' : 'done';
        return { status: 200, json: { id, status, question: asked.question, answer: asked.answer ?? null } };
      },
    },
  ];
}

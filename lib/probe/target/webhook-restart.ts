import { DrillError, type Restarter } from '../../drill/ports.ts';
import { signWebhook } from '../../page/webhook.ts';
import type { ProbeContext } from '../prober.ts';
import { renderTargetUrl } from '../request.ts';
import { type Message, send, usualSendPolicy } from '../send.ts';
import { renderRecord, renderText, TemplateError } from '../template.ts';

type Asked = Parameters<Restarter>[0];

const refuse = (message: string) => new DrillError('Drill.RestartRefused', message);

const messageOf = ({ drill, runId }: Asked, context: ProbeContext): Message => {
  const { restart } = drill;
  if (restart.kind !== 'webhook') throw refuse(`a restart by ${restart.kind} is not asked for by webhook`);
  const { values } = context;
  const url = renderTargetUrl(restart.url, values, ['http:', 'https:']);
  const headers = renderRecord(restart.headers, values);
  const secret = restart.secret === undefined ? undefined : renderText(restart.secret, values);
  const body = JSON.stringify({ kind: 'restart', drill: drill.id, target: drill.target, run: runId });
  return {
    url,
    compose: (nowMs) => ({
      body,
      headers: {
        'content-type': 'application/json',
        ...headers,
        'idempotency-key': runId,
        ...(secret === undefined
          ? {}
          : { 'x-plimsoll-signature': signWebhook(body, secret, Math.floor(nowMs / 1000)) }),
      },
    }),
  };
};

const composed = (asked: Asked, context: ProbeContext): Message => {
  try {
    return messageOf(asked, context);
  } catch (error) {
    if (error instanceof TemplateError) throw refuse(context.redact(error.message));
    throw error;
  }
};

/**
 * Asks whoever runs the target to restart it: one POST, with the run as its idempotency key; 2xx is a yes. It is asked
 * once, for nobody knows whether an ask that was not answered was heard. `acceptedAt` is when it was asked: a supervisor
 * may answer only when the new process is there already.
 */
export const createWebhookRestarter =
  (context: ProbeContext): Restarter =>
  async (asked) => {
    const message = composed(asked, context);
    const acceptedAt = context.clock.now();
    const policy = { ...usualSendPolicy, tries: 1, timeoutMs: 60_000 };
    const sent = await send(message, { context, policy, random: () => 0 }, asked.signal);
    if (sent.result !== 'sent') throw refuse(`the webhook did not accept the restart: ${sent.detail}`);
    const details = { answer: sent.detail, tookMs: context.clock.now() - acceptedAt };
    return { adapter: 'webhook', acceptedAt, platformIds: [], details };
  };

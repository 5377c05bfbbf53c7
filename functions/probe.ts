import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { atFirstCall, type Ground, lambdaGround } from '../lib/aws/deps.ts';
import { wordsOf } from '../lib/aws/log.ts';
import { openProbeDeps } from '../lib/aws/work/open.ts';
import { receive } from '../lib/aws/work/receive.ts';

/** Makes the runs that messages of the work queue ask for. A message that fails comes again. */
export const createProbeHandler = (ground: Ground) => {
  const deps = openProbeDeps(ground);
  return async (
    { Records }: Pick<SQSEvent, 'Records'>,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<SQSBatchResponse> => {
    const failed: { readonly id: string; readonly error: unknown }[] = [];
    for (const { messageId, body, attributes } of Records) {
      const receiveCount = Number(attributes.ApproximateReceiveCount);
      const remainingMs = () => context.getRemainingTimeInMillis();
      try {
        await receive({ body, receiveCount, remainingMs }, deps);
      } catch (error) {
        ground.log({ level: 'error', what: 'message failed', message: messageId, reason: wordsOf(error) });
        failed.push({ id: messageId, error });
      }
    }
    // Seen by the alarm on errors of the function, too.
    if (failed.length > 0 && failed.length === Records.length) throw failed[0]?.error;
    return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
  };
};

export const handler = atFirstCall(() => createProbeHandler(lambdaGround()));

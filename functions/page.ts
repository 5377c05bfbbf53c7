import type { Context } from 'aws-lambda';
import { atFirstCall, lambdaGround } from '../lib/aws/deps.ts';
import { openPageClients } from '../lib/aws/pages/clients.ts';
import { openPagesDeps, type PageGround } from '../lib/aws/pages/open.ts';
import { openPages, type PagesTaken } from '../lib/aws/pages.ts';
import type { SendPolicy } from '../lib/probe/send.ts';

/** Tells people of what is in the outbox, and of alarms. Whatever was not told fails the invocation, and comes again. */
export const createPageHandler = (ground: PageGround, policy?: SendPolicy) => {
  const pages = openPages(openPagesDeps(ground, policy));
  return (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<PagesTaken> =>
    pages.take(event, context.getRemainingTimeInMillis());
};

export const handler = atFirstCall(() => createPageHandler({ ...lambdaGround(), clients: openPageClients() }));

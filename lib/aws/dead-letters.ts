import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DeployedService } from '../dispatch/deployed.ts';
import { type DeadLetter, mostMessageBytes, type WorkItem } from '../dispatch/message.ts';
import { cutText } from '../result/redact.ts';
import type { Pass } from '../result/result.ts';
import type { StoredRun } from '../result/store.ts';
import type { SQSClient } from './sdk/sqs.ts';

export type DeadLetters = {
  /** Rejects when the queue does not take it. */
  send(letter: DeadLetter): Promise<void>;
};

const mostReasonChars = 2_000;

/** Of poison, so much is kept: escapes may make six bytes of one character. */
const mostPoisonChars = 150_000;

export const openDeadLetters = ({
  sqs,
  queueUrl,
}: {
  readonly sqs: () => Promise<SQSClient>;
  readonly queueUrl: string;
}): DeadLetters => ({
  send: async (letter) => {
    const { SendMessageCommand } = await import('./sdk/sqs.ts');
    await (await sqs()).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(letter) }));
  },
});

const zip = async (run: StoredRun): Promise<string> => (await promisify(gzip)(JSON.stringify(run))).toString('base64');

/** The run of a letter, whole. */
export const unzipRun = async (run: string): Promise<StoredRun> =>
  JSON.parse((await promisify(gunzip)(Buffer.from(run, 'base64'))).toString()) as StoredRun;

const withoutEvidence = ({ sequence: _, ...pass }: Pass): Pass => ({
  ...pass,
  steps: pass.steps.map(({ evidence: _, ...step }) => step),
});

type Shorter = { readonly run: StoredRun; readonly dropped?: string };

/** The same run with less and less of what nothing is judged by. */
const shorterRuns = (run: StoredRun): readonly Shorter[] => {
  const bare = { ...run, passes: run.passes.map(withoutEvidence) };
  const { exemplar } = run.run;
  const document = exemplar ? { ...run.run, exemplar: withoutEvidence(exemplar) } : run.run;
  return [
    { run },
    { run: bare, dropped: 'the evidence of its passes was dropped, for it did not fit' },
    { run: { ...bare, passes: [] }, dropped: 'its raw samples were dropped, for they did not fit' },
    { run: { ...bare, run: document, passes: [] }, dropped: 'its raw samples and all evidence were dropped' },
  ];
};

/**
 * A letter of a run that was measured and not kept; what does not fit is dropped, evidence first, and its reason says so.
 * @param reason in words, redacted.
 * @throws Error when not even the document of the run fits.
 */
export const runLetter = async (
  stored: StoredRun,
  where: { readonly service: DeployedService; readonly item: WorkItem },
  reason: string,
  at: string,
): Promise<DeadLetter> => {
  const told = cutText(reason, mostReasonChars);
  for (const { run, dropped } of shorterRuns(stored)) {
    const letter: DeadLetter = {
      schema: 1,
      at,
      reason: dropped === undefined ? told : `${told}; ${dropped}`,
      kind: 'run',
      ...where,
      run: await zip(run),
    };
    // The body alone is counted: it has no attributes.
    if (Buffer.byteLength(JSON.stringify(letter)) <= mostMessageBytes) return letter;
  }
  throw new Error(`the run ${stored.run.runId} does not fit into the dead-letter queue, which takes 1 MiB`);
};

/** A letter of a message that nobody can read: its head, and why. */
export const poisonLetter = (message: string, reason: string, at: string): DeadLetter => ({
  schema: 1,
  at,
  reason: cutText(reason, mostReasonChars),
  kind: 'poison',
  message: cutText(message, mostPoisonChars),
});

/** What could not be written of a batch of raw samples: the object, whole. */
export const samplesLetter = (key: string, body: Uint8Array, reason: string, at: string): DeadLetter => ({
  schema: 1,
  at,
  reason: cutText(reason, mostReasonChars),
  kind: 'samples',
  key,
  body: Buffer.from(body).toString('base64'),
});

import { dynamodbTalks } from './sdk-talks/dynamodb.ts';
import { otherTalks } from './sdk-talks/others.ts';
import { restartTalks } from './sdk-talks/restarts.ts';
import { s3Talks } from './sdk-talks/s3.ts';
import { sqsTalks } from './sdk-talks/sqs.ts';
import type { Talk } from './sdk-talks/talk.ts';

/** At least one of each operation of lib/aws/sdk that a function has a use for. */
export const talks: readonly Talk[] = [...s3Talks, ...dynamodbTalks, ...sqsTalks, ...otherTalks, ...restartTalks];

export const talkOf = (says: string): Talk => {
  const found = talks.find((talk) => talk.says === says);
  if (!found) throw new Error(`nobody says ${says}`);
  return found;
};

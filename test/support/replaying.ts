import { openEvents } from '../../lib/aws/events.ts';
import { type Replayed, type ReplayOptions, replayDeadLetters } from '../../lib/aws/replay.ts';
import { restoreSamples } from '../../lib/aws/samples.ts';
import { openKeptWith } from '../../lib/aws/work/kept.ts';
import { environmentNames } from '../../lib/names.ts';
import type { CloudGround } from './cloud-ground.ts';

/** Replays the dead letters of a ground. `broken`: the same one, with clients that its store is not reached with. */
export const replayOn = async (
  ground: CloudGround,
  options: ReplayOptions = {},
  broken: CloudGround = ground,
): Promise<readonly Replayed[]> => {
  const { place, clock, region, env, clients } = ground;
  const deps = {
    sqs: await clients.sqs(),
    queueUrl: env[environmentNames.deadLetterQueueUrl] ?? '',
    region,
    clock,
    openKept: openKeptWith(broken, place),
    restoreSamples: (samples: Parameters<typeof restoreSamples>[1]) => restoreSamples(place, samples),
    events: openEvents({ eventbridge: clients.eventbridge }, ground),
  };
  const all: Replayed[] = [];
  for await (const one of replayDeadLetters(deps, options)) all.push(one);
  return all;
};

import type { Json } from '../../../config/plan.ts';
import { fromBase64, toBase64 } from '../bytes.ts';
import type { Standing } from '../codec.ts';
import { type JsonObject, memberOf, present } from '../document.ts';
import { createClockRanges } from './clock-ranges.ts';
import { clientsIn } from './message.ts';
import { createReplica } from './replica.ts';

export const emptyUpdate = Uint8Array.of(0, 0);

/** What this end holds, and what it has heard of the other: that must not have lost it. `resume`: as `resumption` gave it. */
export const createSession = (resume: Json | undefined) => {
  const replica = createReplica();
  const heard = createClockRanges();
  let standing: Standing = { state: 'greeting', awaited: 'sync-step-2' };
  let resumption: 'resumed' | 'reset' | undefined;

  const hold = (base64: Json | undefined) => replica.add(fromBase64(base64) ?? emptyUpdate);
  const before = clientsIn(memberOf(resume, 'heard'));
  for (const update of [memberOf(resume, 'updates') ?? []].flat()) hold(update);
  heard.add([...before].map(([client, to]) => ({ client, from: 0, to })));

  return {
    replica,
    /** @throws MalformedError for what is no update in format 1. */
    hold,
    /** What a received message changes here; what it covers, where it is an update. @throws MalformedError */
    hear: (body: JsonObject): JsonObject => {
      switch (body.type) {
        case 'sync-step-1': {
          const theirs = clientsIn(body.clients);
          const isWhole = [...before].every(([client, clock]) => (theirs.get(client) ?? 0) >= clock);
          if (before.size > 0) resumption = isWhole ? 'resumed' : 'reset';
          return body;
        }
        case 'auth':
          standing = { state: 'refused', code: 'permission-denied', reason: String(body.reason) };
          return body;
        case 'sync-step-2':
        case 'update': {
          const { structs } = hold(body.update);
          heard.add(structs);
          if (body.type === 'sync-step-2' && standing.state === 'greeting') {
            standing = { state: 'ready', ...present({ resumption }) };
          }
          return { ...body, clients: Object.fromEntries(structs.map(({ client, to }) => [client, to])) };
        }
        default:
          return body;
      }
    },
    standing: (): Standing => standing,
    resumption: (): Json => ({
      updates: replica.beyond(new Map()).map(toBase64),
      heard: Object.fromEntries(heard.vector()),
    }),
  };
};

import type { Json, Payload } from '../../config/plan.ts';
import { carrying } from './carry.ts';
import type { Codec, RawFrame } from './codec.ts';

/** A frame as it came: `{ text }`, or `{ base64 }` for a binary one. */
export const bodyOf = (raw: RawFrame): Json =>
  typeof raw === 'string' ? { text: raw } : { base64: Buffer.from(raw).toString('base64') };

/** A payload as the config spells it, in one frame: JSON as its text, text and bytes as they are. */
export const encodePayload = (payload: Exclude<Payload, { kind: 'operation' }>): readonly RawFrame[] => {
  switch (payload.kind) {
    case 'json':
      return [JSON.stringify(payload.json)];
    case 'text':
      return [payload.text];
    case 'binary':
      return [Buffer.from(payload.base64, 'base64')];
  }
};

/** No protocol: every frame is one message. JSON that is sent is sent as JSON text, whatever its keys. */
export const rawCodec: Codec = {
  name: 'raw',
  subprotocols: [],
  open: () => ({
    decode: (raw) => [{ body: bodyOf(raw) }],
    encode: encodePayload,
    greet: () => [],
    react: () => [],
    standing: () => ({ state: 'ready' }),
    carryOut: carrying<'raw'>({ name: 'raw' }, () => []),
    answerTo: () => undefined,
    resumption: () => undefined,
  }),
};

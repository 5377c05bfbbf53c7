import type { Json, SendStep } from '../../config/plan.ts';
import type { Codec, RawFrame } from './codec.ts';

/** A frame as it came: `{ text }`, or `{ base64 }` for a binary one. */
export const bodyOf = (raw: RawFrame): Json =>
  typeof raw === 'string' ? { text: raw } : { base64: Buffer.from(raw).toString('base64') };

/** A payload as the config spells it, on the wire. */
export const encodePayload = (payload: SendStep['payload']): RawFrame => {
  switch (payload.kind) {
    case 'json':
      return JSON.stringify(payload.json);
    case 'text':
      return payload.text;
    case 'binary':
      return Buffer.from(payload.base64, 'base64');
  }
};

/** No protocol: every frame is one message. */
export const rawCodec: Codec = {
  name: 'raw',
  decode: (raw) => [{ body: bodyOf(raw) }],
  encode: encodePayload,
};

import type { CodecName, Json, SendStep } from '../../config/plan.ts';

/** What a websocket data frame carries: text, or bytes. */
export type RawFrame = string | Uint8Array;

/** One message as its protocol means it. */
export type Message = {
  readonly body: Json;
  /** The stream it belongs to, where the protocol has streams. */
  readonly stream?: string;
  /** Why the frame could not be read as the protocol wants it; the body then holds what came. */
  readonly problem?: string;
};

/** One protocol over websocket frames: a file here and a line in `loaders`. */
export type Codec = {
  readonly name: CodecName;
  /** A frame to its messages, none to many, in their order. Never throws: what cannot be read is a `problem`. */
  decode(raw: RawFrame): readonly Message[];
  encode(payload: SendStep['payload']): RawFrame;
};

const loaders: { readonly [Name in CodecName]: () => Promise<Codec> } = {
  json: async () => (await import('./json.ts')).jsonCodec,
  raw: async () => (await import('./raw.ts')).rawCodec,
};

/** Loads one codec and no other: each is a chunk of its own. */
export const loadCodec = (name: CodecName): Promise<Codec> => loaders[name]();

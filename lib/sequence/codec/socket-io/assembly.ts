import type { Dialogue, Message, RawFrame } from '../codec.ts';
import { isObject, type JsonObject } from '../document.ts';
import { bodyOf } from '../raw.ts';
import { putBytes } from './attachments.ts';
import { readPacket } from './packet.ts';

/** A packet whose attachments have not all come. */
type Incomplete = {
  readonly text: string;
  readonly body: JsonObject;
  readonly missing: number;
  readonly bytes: string[];
};

/** Frames to messages, one by one: a packet with attachments is a message when the last of them is there. */
export const createAssembly = (complete: (body: JsonObject) => Message): Dialogue['decode'] => {
  let open: Incomplete | undefined;

  const takeBytes = (raw: RawFrame, base64: string): readonly Message[] => {
    if (!open) return [{ body: bodyOf(raw), problem: 'an attachment that no packet has announced' }];
    const { text, body, missing, bytes } = open;
    bytes.push(base64);
    if (bytes.length < missing) return [];
    open = undefined;
    const filled = putBytes(body, bytes);
    if (isObject(filled)) return [complete(filled)];
    return [{ body: { text }, problem: 'placeholders that do not match the attachments' }];
  };
  const takeText = (text: string): readonly Message[] => {
    const read = readPacket(text);
    if ('body' in read && read.attachments === 0) return [complete(read.body)];
    if ('body' in read) {
      open = { text, body: read.body, missing: read.attachments, bytes: [] };
      return [];
    }
    const { problem, type } = read;
    return [{ body: { text }, problem, ...(type === undefined ? {} : { type, role: 'unknown' }) }];
  };
  /** A ping may come before the last attachment; the next message may not. */
  const breakOff = (text: string): readonly Message[] => {
    if (!open || !text.startsWith('4')) return [];
    const { bytes, missing } = open;
    const problem = `only ${bytes.length} of ${missing} attachments came before the next packet`;
    const broken = { body: { text: open.text }, problem };
    open = undefined;
    return [broken];
  };
  return (raw) => {
    if (typeof raw !== 'string') return takeBytes(raw, Buffer.from(raw).toString('base64'));
    if (raw.startsWith('b')) return takeBytes(raw, Buffer.from(raw.slice(1), 'base64').toString('base64'));
    return [...breakOff(raw), ...takeText(raw)];
  };
};

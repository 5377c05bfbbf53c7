import mqttPacket, { type Packet } from 'mqtt-packet';
import { expect } from 'vitest';
import type { CodecPlan, Json } from '../../lib/config/plan.ts';
import { type Dialogue, type DialogueOptions, loadCodec, type Message } from '../../lib/sequence/codec/codec.ts';

export type MqttPlan = Extract<CodecPlan, { readonly name: 'mqtt' }>;
export const versions = [4, 5] as const;

export const codecOf = (plan: Partial<MqttPlan> = {}) =>
  loadCodec({ name: 'mqtt', version: 4, keepAliveS: 60, clean: true, qos: 1, ...plan });

export const codecs = { 4: await codecOf(), 5: await codecOf({ version: 5 }) };

export const open = (version: 4 | 5 = 4, options: Partial<DialogueOptions> = {}): Dialogue =>
  codecs[version].open({ handshake: 'auto', ...options });

/** What mqtt-packet makes of it. */
export const written = (packet: object, version: 4 | 5 = 4): Uint8Array =>
  mqttPacket.generate(packet as Packet, { protocolVersion: version });

export const bodies = (messages: readonly Message[]) => messages.map(({ body }) => body);
export const decoded = (packet: object, version: 4 | 5 = 4) => open(version).decode(written(packet, version));

/** What mqtt-packet reads of what we write. */
export const readBack = (dialogue: Dialogue, message: Json, version: 4 | 5 = 4): Packet => {
  const packets: Packet[] = [];
  const parser = mqttPacket.parser({ protocolVersion: version });
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error) => {
    throw error;
  });
  for (const frame of dialogue.encode({ kind: 'json', json: message })) parser.parse(Buffer.from(frame as Uint8Array));
  expect(packets).toHaveLength(1);
  return packets[0] as Packet;
};

export const bytesOf = (dialogue: Dialogue, ...messages: readonly Json[]): Uint8Array =>
  Buffer.concat(messages.flatMap((json) => dialogue.encode({ kind: 'json', json }) as readonly Uint8Array[]));

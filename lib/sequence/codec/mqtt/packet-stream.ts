/** A packet cut out: its first byte, and what follows its length. */
export type CutPacket = { readonly first: number; readonly content: Uint8Array };

/** What could not be cut, and why. */
export type Uncut = { readonly first?: number; readonly content: Uint8Array; readonly problem: string };

/** The protocol allows 256 MB: five bytes that claim so much must not take the memory of a run. */
const maxPacketBytes = 16 * 1024 ** 2;

/**
 * Cuts a stream of bytes into packets, for frames and packets begin and end independently (MQTT 5 §6). Between two frames
 * no more is kept than one packet of `maxPacketBytes`; a longer one is told of and passed over.
 */
export const createPacketStream = (): ((frame: Uint8Array) => readonly (CutPacket | Uncut)[]) => {
  let head: readonly number[] = [];
  let packet: CutPacket | undefined;
  let filled = 0;
  let passOver = 0;
  let isLost = false;

  /** Takes one byte of what precedes the content. */
  const readHead = (byte: number): readonly Uncut[] => {
    head = [...head, byte];
    const [first = 0, ...digits] = head;
    if (digits.length === 0 || (byte > 127 && digits.length < 4)) return [];
    const content = Uint8Array.from(head);
    head = [];
    isLost = byte > 127;
    if (isLost) return [{ content, problem: 'a packet whose length does not end' }];
    const length = digits.reduceRight((sum, digit) => sum * 128 + (digit & 127), 0);
    if (length > maxPacketBytes) {
      passOver = length;
      return [
        { first, content, problem: `a packet of ${length} bytes, more than the ${maxPacketBytes} that are read` },
      ];
    }
    packet = { first, content: new Uint8Array(length) };
    filled = 0;
    return [];
  };

  return (frame) => {
    const cut: (CutPacket | Uncut)[] = [];
    for (let at = 0; at < frame.length; ) {
      const rest = frame.subarray(at);
      if (isLost) {
        // Nothing says where the next packet begins; a broker would close here (MQTT 5 §4.13).
        return [...cut, { content: rest, problem: 'bytes behind a packet whose length does not end' }];
      }
      if (passOver > 0) {
        const passed = Math.min(passOver, rest.length);
        passOver -= passed;
        at += passed;
        continue;
      }
      if (packet) {
        const part = rest.subarray(0, packet.content.length - filled);
        packet.content.set(part, filled);
        filled += part.length;
        at += part.length;
      } else {
        cut.push(...readHead(rest[0] ?? 0));
        at += 1;
      }
      if (packet && filled === packet.content.length) {
        cut.push(packet);
        packet = undefined;
      }
    }
    return cut;
  };
};

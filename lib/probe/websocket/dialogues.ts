import type { Failure } from '../../result/result.ts';
import type { Dialogue } from '../../sequence/codec/codec.ts';
import type { Frame } from '../../sequence/journal.ts';
import type { Connection } from './connection.ts';

/** What the protocol says by itself on each connection: greetings, answers that it owes, keep-alives. */
export type Dialogues = {
  /** The dialogue of the connection that bears this name now, from before its first byte. */
  of(name: string): Dialogue | undefined;
  /** Takes a connection that is starting; the one that had its name before is forgotten. */
  adopt(connection: Connection, dialogue: Dialogue): void;
  /** Hears a frame of the journal, and answers in the same tick. */
  hear(frame: Frame): void;
  /** Stops what is sent by the clock. */
  hush(): void;
};

type Voice = {
  readonly connection: Connection;
  readonly dialogue: Dialogue;
  timer?: NodeJS.Timeout;
};

const ownFault = (error: unknown): Failure => ({
  kind: 'prober',
  message: `the codec failed: ${error instanceof Error ? error.message : String(error)}`,
});

/** Sends what the protocol wants sent. A fault of the codec ends the connection: thrown here it would end the process. */
const speak = ({ connection, dialogue }: Voice, messagesOf: () => ReturnType<Dialogue['greet']>): void => {
  try {
    for (const json of messagesOf()) {
      for (const raw of dialogue.encode({ kind: 'json', json })) connection.send(raw, { auto: true, said: json });
    }
  } catch (error) {
    connection.breakOff(ownFault(error));
  }
};

const keepAlive = (voice: Voice): void => {
  const { dialogue } = voice;
  const due = dialogue.keepAlive;
  if (!due) return;
  // Asked anew each time: an MQTT 5 server may set another pace (OASIS MQTT 5.0 §3.2.2.3.14).
  voice.timer = setTimeout(() => {
    if (dialogue.standing().state === 'ready') speak(voice, () => due.messages());
    keepAlive(voice);
  }, due.everyMs);
};

export const createDialogues = (): Dialogues => {
  const voices = new Map<string, Voice>();

  return {
    of: (name) => voices.get(name)?.dialogue,
    adopt: (connection, dialogue) => {
      clearTimeout(voices.get(connection.name)?.timer);
      voices.set(connection.name, { connection, dialogue });
    },
    hear: (frame) => {
      const voice = voices.get(frame.connection);
      if (voice?.connection.generation !== frame.generation) return;
      if (frame.direction === 'in') {
        for (const { message } of frame.entries) if (message) speak(voice, () => voice.dialogue.react(message));
      }
      if (frame.direction !== 'life') return;
      if (frame.life.event === 'close') clearTimeout(voice.timer);
      if (frame.life.event !== 'open') return;
      speak(voice, () => voice.dialogue.greet());
      keepAlive(voice);
    },
    hush: () => {
      for (const { timer } of voices.values()) clearTimeout(timer);
    },
  };
};

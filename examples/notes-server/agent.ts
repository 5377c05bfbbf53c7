import { randomUUID } from 'node:crypto';
import { WORKSPACE_STREAM } from './notes.ts';
import type { Question } from './state.ts';
import type { Store } from './store.ts';
import type { Timers } from './timers.ts';

export type Agent = {
  ask(question: string, decision: Question['decision']): string;
  /** Goes on with the questions that a crash left unanswered. */
  resume(): void;
};

const AUTHOR = { provider: 'loopback', model: 'keyword-counter-1' } as const;
const NO_COUNTS = { created: 0, updated: 0, deleted: 0 };

/**
 * A stand-in for an agent: it answers after `agentAnswerMs` and, as a real one would, announces what it means to do
 * (`operation_preview`), then does it or is turned down (`operation_applied`, `operation_rejected`).
 */
export function createAgent(
  store: Store,
  timers: Timers,
  options: { agentAnswerMs: number; now: () => number },
): Agent {
  function answerLater(question: Question): void {
    timers.after(options.agentAnswerMs, () => {
      const found = countMatches(store, question.question);
      const operation = { operation_id: question.id, ...AUTHOR, counts: NO_COUNTS };
      const common = { type: 'workspace_event', streams: [WORKSPACE_STREAM] } as const;
      if (question.decision === 'reject') {
        const payload = { ...operation, reason: 'the caller asked for a rejection' };
        store.commit({ ...common, event_code: 'operation_rejected', payload });
      } else {
        const payload = { ...operation, counts: { ...NO_COUNTS, updated: found } };
        store.commit({ ...common, event_code: 'operation_applied', payload });
      }
      const answer = `${found} of ${store.state.notes.size} notes share a word with the question`;
      store.record({ kind: 'agent_answer', id: question.id, at: new Date(options.now()).toISOString(), answer });
    });
  }

  return {
    ask(text, decision) {
      const question: Question = { id: randomUUID(), question: text, decision };
      const at = new Date(options.now()).toISOString();
      store.record({ kind: 'agent_question', at, ...question });
      store.commit({
        type: 'workspace_event',
        event_code: 'operation_preview',
        streams: [WORKSPACE_STREAM],
        payload: {
          operation_id: question.id,
          ...AUTHOR,
          counts: { ...NO_COUNTS, updated: countMatches(store, text) },
        },
      });
      answerLater(question);
      return question.id;
    },
    resume() {
      for (const question of store.state.questions.values()) {
        if (question.answer === undefined) answerLater(question);
      }
    },
  };
}

function countMatches(store: Store, question: string): number {
  const words = new Set(wordsOf(question));
  const notes = [...store.state.notes.values()];
  return notes.filter(({ note }) => wordsOf(`${note.title} ${note.body}`).some((word) => words.has(word))).length;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

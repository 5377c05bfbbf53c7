import type { Json, ProbePlan } from '../../lib/config/plan.ts';
import { formatFault } from '../../lib/fault-proxy/grammar/format.ts';
import { loadMatchEngines } from '../../lib/match/engines.ts';
import type { StepOutcome } from '../../lib/result/result.ts';
import { type FaultPlan, planFaults, usualFaults } from '../../lib/self-test/plan.ts';
import type { PlannedFault } from '../../lib/self-test/planned-fault.ts';
import type { Seen, SeenAnswer, SeenFrame } from '../../lib/self-test/seen.ts';
import { loadCodec } from '../../lib/sequence/codec/codec.ts';

export const origin = 'http://127.0.0.1:8080';

const doneStep = (step: ProbePlan['steps'][number], attempts = 1): StepOutcome => ({
  step: step.name,
  type: step.type,
  status: 'done',
  startMs: 0,
  latencyMs: 1,
  phasesMs: {},
  checks: [],
  attempts,
});

/** An answer with a JSON body, as a proxy saw it. */
export const answer = (path: string, json?: Json, more: Partial<SeenAnswer> = {}): SeenAnswer => ({
  origin,
  method: 'GET',
  path,
  status: 200,
  bodyBytes: json === undefined ? 0 : JSON.stringify(json).length,
  ...(json === undefined ? {} : { json, contentType: 'application/json' }),
  ...more,
});

/** A frame as a test writes it: what came, when, and who claimed it. */
export type Said = {
  readonly json: Json;
  readonly by?: string;
  readonly sentBefore?: number;
  readonly connection?: number;
};

const framesOf = async (probe: ProbePlan, said: readonly Said[]): Promise<readonly SeenFrame[]> => {
  const codec = await loadCodec(probe.codec);
  const dialogue = codec.open({ handshake: 'manual' });
  return said.map(({ json, sentBefore = 0, connection = 1 }) => {
    const text = JSON.stringify(json);
    return { origin, connection, sentBefore, bytes: text.length, text, json, messages: dialogue.decode(text) };
  });
};

/** What a run showed; each step was done, at the first attempt unless it is told otherwise. */
export const seenOf = async (
  probe: ProbePlan,
  {
    answers = [],
    said = [],
    attempts = {},
  }: { answers?: readonly SeenAnswer[]; said?: readonly Said[]; attempts?: Record<string, number> },
): Promise<Seen> => {
  const frames = await framesOf(probe, said);
  return {
    steps: probe.steps.map((step) => doneStep(step, attempts[step.name])),
    answers,
    frames,
    claims: said.flatMap(({ by }, index) => {
      const frame = frames[index];
      return by === undefined || !frame ? [] : [{ step: by, frame }];
    }),
    websockets: probe.kind === 'websocket' ? [origin] : [],
  };
};

export const planOn = async (
  probe: ProbePlan,
  seen: Seen,
  again: Seen = seen,
  values: Readonly<Record<string, Json>> = {},
  most = usualFaults,
): Promise<FaultPlan> =>
  planFaults(probe, seen, again, {
    engines: await loadMatchEngines([], { patterns: true }),
    codec: await loadCodec(probe.codec),
    values: new Map(Object.entries(values)),
    most,
  });

/** A fault on one line: what it is aimed at, and how the fault proxy spells it; `~` before one that does not count. */
export const spell = ({ step, fault, beyond }: PlannedFault): string =>
  `${beyond ? '~' : ''}${step === '' ? '-' : step}: ${formatFault(fault)}`;

export const spelt = ({ faults }: FaultPlan): readonly string[] => faults.map(spell);

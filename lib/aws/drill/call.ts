import { type Parsed, parsed, refused } from '../../config/parsed.ts';
import type { Request } from '../../drill/record.ts';
import { type DrillState, taskStates } from '../../drill/states.ts';

/** What the machine asks of the functions of drills, and what EventBridge tells them. */
export type DrillCall =
  | {
      readonly kind: 'step';
      readonly state: DrillState;
      readonly request: Request;
      /** ARN of the execution. */
      readonly execution: string;
    }
  /** An execution that ended; its input says which run it was. */
  | { readonly kind: 'ended'; readonly execution: string; readonly status: string; readonly request?: Request };

type Given = Readonly<Record<string, unknown>>;

const objectIn = (value: unknown): Given => (typeof value === 'object' && value !== null ? (value as Given) : {});
const textIn = (given: Given, key: string): string => (typeof given[key] === 'string' ? given[key] : '');

const ids = /^[\w.:-]{1,128}$/;

/** A request of the machine's input. Whoever starts an execution by hand may leave all but the drill and the run out. */
const readRequest = (input: Given): Request | undefined => {
  const request = objectIn(input.request);
  const [drillId, runId] = [textIn(input, 'drill'), textIn(input, 'run')];
  if (!ids.test(drillId) || !ids.test(runId)) return undefined;
  return {
    drillId,
    runId,
    requester: textIn(request, 'requester').slice(0, 200),
    reason: textIn(request, 'reason').slice(0, 1000),
    dryRun: request.dryRun === true,
    trigger: request.trigger === 'schedule' ? 'schedule' : 'demand',
  };
};

const readInput = (text: string): Given => {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return {};
  }
};

/** Reads what a function of drills was invoked with. */
export const readDrillCall = (value: unknown): Parsed<DrillCall> => {
  const given = objectIn(value);
  if (given.source === 'aws.states') {
    const detail = objectIn(given.detail);
    const execution = textIn(detail, 'executionArn');
    if (execution === '') return refused('the event names no execution');
    const request = readRequest(readInput(textIn(detail, 'input')));
    return parsed({ kind: 'ended', execution, status: textIn(detail, 'status'), ...(request ? { request } : {}) });
  }
  const state = taskStates.find((name) => name === given.state);
  if (!state) return refused(`the input has no state of a drill: ${String(given.state).slice(0, 80)}`);
  const execution = textIn(given, 'execution');
  if (execution === '') return refused('the input names no execution: the state machine of drills does');
  const request = readRequest(given);
  if (!request) return refused('drill and run of the input must be of A-Z a-z 0-9 . : _ -, 128 characters at most');
  return parsed({ kind: 'step', state, request, execution });
};

import type { Place } from '../place.ts';
import type { IdempotentStep } from '../plan.ts';
import { compileBounded, readQuiet } from './bounds.ts';
import { compileCaptures } from './capture.ts';
import { connectionOf, type StepOf } from './frames.ts';
import { checkJsonPath } from './json-path.ts';
import { compileSomePattern } from './pattern.ts';
import { readPayload } from './payload.ts';
import { compileRequest, type StepDefaults } from './request.ts';

type IdempotentInput = StepOf<'idempotent'>['idempotent'];

const defaultQuietMs = 500;

const readAction = (input: IdempotentInput, place: Place): IdempotentStep['action'] => {
  const { send, request } = input;
  if (send !== undefined && request !== undefined) {
    place.at('request').refuse('repeats one thing: it has send and request', { remedy: 'keep one of the two' });
  }
  if (request !== undefined) return { kind: 'request', request: compileRequest(request, place.at('request')) };
  if (send === undefined) {
    if (place.isWhole(input)) place.refuse('repeats nothing', { remedy: 'write send or request' });
    return { kind: 'send', as: connectionOf(undefined), payload: { kind: 'text', text: '' }, answer: nothing };
  }
  const at = place.at('send');
  return {
    kind: 'send',
    as: connectionOf(send.as),
    payload: readPayload(send, at),
    answer: compileSomePattern(send.answer, at.at('answer')),
  };
};

const nothing = { subset: {}, paths: {} };

export const compileIdempotent = (step: StepOf<'idempotent'>, place: Place, defaults: StepDefaults): IdempotentStep => {
  const { request, times, same, events, quiet, within, capture } = step.idempotent;
  const at = place.at('idempotent');
  const bounds = compileBounded(step, within, place, 'idempotent', defaults);
  for (const [path, spot] of at.at('same').items(same)) checkJsonPath(path, spot);
  const source = request === undefined ? 'frame' : 'response';
  return {
    type: 'idempotent',
    ...bounds,
    action: readAction(step.idempotent, at),
    times: times ?? 2,
    same: same ?? [],
    events: {
      as: connectionOf(events.as),
      pattern: compileSomePattern(events.match, at.at('events', 'match')),
      exactly: events.exactly ?? 1,
    },
    quietMs: readQuiet(quiet, at.at('quiet'), bounds.withinMs) ?? Math.min(defaultQuietMs, bounds.withinMs),
    capture: {
      ...compileCaptures(step.capture, place.at('capture'), source),
      ...compileCaptures(capture, at.at('capture'), source),
    },
  };
};

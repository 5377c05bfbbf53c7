import { messageFieldOf } from '../message-field.ts';
import type { Place } from '../place.ts';
import type { Capture } from '../plan.ts';
import type { CapturesInput } from '../schema/config.ts';
import { hasTemplate, namePattern } from '../templates.ts';
import { checkFieldOrPath } from './field.ts';
import { checkJsonPath } from './json-path.ts';
import { checkPattern } from './values.ts';

/** What is captured from: an HTTP response, or a message of a websocket. */
type CaptureSource = 'response' | 'frame';

const compileCapture = (input: CapturesInput[string], place: Place, source: CaptureSource): Capture => {
  const plain = typeof input === 'string' ? { json: input } : input;
  const at = (key: string): Place => (typeof input === 'string' ? place : place.at(key));
  const secret = ('secret' in plain ? plain.secret : undefined) ?? false;
  if ('json' in plain) {
    const field = source === 'frame' ? messageFieldOf(plain.json) : undefined;
    if (field !== undefined) return { from: 'field', field, secret };
    if (source === 'frame' && plain.json.startsWith('$')) checkFieldOrPath(plain.json, at('json'));
    else checkJsonPath(plain.json, at('json'));
    return { from: 'json', path: plain.json, secret };
  }
  if ('header' in plain) return { from: 'header', name: plain.header.toLowerCase(), secret };
  if ('cookie' in plain) return { from: 'cookie', name: plain.cookie, secret };
  if (hasTemplate(plain.body)) {
    const remedy = 'write a wider pattern: its first group is what is captured';
    at('body').refuse('has a template in a capture, where none is filled in', { got: plain.body, remedy });
  } else checkPattern(plain.body, at('body'));
  return { from: 'body', pattern: plain.body, secret };
};

/** Captures by name; of a `frame` neither a header nor a cookie can be captured. */
export const compileCaptures = (
  input: CapturesInput | undefined,
  place: Place,
  source: CaptureSource = 'response',
): Readonly<Record<string, Capture>> =>
  Object.fromEntries(
    place.entries(input).map(([name, value, at]) => {
      if (!namePattern.test(name)) at.refuse('is not a name', { got: name, remedy: 'use letters, digits and _' });
      const capture = compileCapture(value, at, source);
      if (source === 'frame' && (capture.from === 'header' || capture.from === 'cookie')) {
        at.refuse(`a frame has no ${capture.from}`, { remedy: "capture a JSONPath, or { body: 'pattern' }" });
      }
      return [name, capture];
    }),
  );

/** Captures of a frame step, which stand beside what it does, or within it. */
export const compileFrameCaptures = (
  beside: CapturesInput | undefined,
  within: CapturesInput | undefined,
  place: Place,
  key: string,
): Readonly<Record<string, Capture>> => ({
  ...compileCaptures(beside, place.at('capture'), 'frame'),
  ...compileCaptures(within, place.at(key, 'capture'), 'frame'),
});

import { messageFieldOf, messageFields } from '../message-field.ts';
import type { Place } from '../place.ts';
import type { FieldName } from '../plan.ts';
import { suggest } from '../problem.ts';
import { hasTemplate } from '../templates.ts';
import { checkJsonPath } from './json-path.ts';

const spelt = messageFields.map((field) => `$${field}`);

/** `$tpye`: a JSONPath goes on with a dot or a bracket. */
const slip = /^\$\w+$/;

/** Reports what begins with `$` and is neither a JSONPath nor a field of a message. */
export const checkFieldOrPath = (name: string, place: Place): void => {
  if (messageFieldOf(name) !== undefined) return;
  if (slip.test(name)) {
    const message = 'is neither a field of a message nor a JSONPath';
    place.refuse(message, { got: name, remedy: suggest(name, spelt, 'fields') });
  } else checkJsonPath(name, place);
};

/** A key of the body, a JSONPath, or a field such as `$sequence`; what is none is reported. */
export const readFieldName = (name: string, place: Place): FieldName => {
  if (name.startsWith('$')) checkFieldOrPath(name, place);
  else if (name.trim() === '') place.refuse('is empty', { remedy: 'write a key of the frame, or a JSONPath' });
  else if (hasTemplate(name)) {
    place.refuse('has a template in the name of a field, where none is filled in', {
      got: name,
      remedy: 'write the key itself',
    });
  }
  return name;
};

import type { Json, Operation } from '../../config/plan.ts';
import { CodecError } from './codec.ts';

const reference = /\{\{\s*op\.(stream|cursor|payload|id)\s*\}\}/g;
const whole = /^\{\{\s*op\.(stream|cursor|payload|id)\s*\}\}$/;

type Operands = { readonly [name: string]: Json | undefined };

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const fillText = (text: string, operands: Operands, operation: Operation): string =>
  text.replace(reference, (template, name: string) => {
    const value = operands[name];
    if (value === undefined) {
      throw new CodecError(
        `${operation.do} of ${operation.stream} gives no ${name}, and ${JSON.stringify(text)} cannot do without: give one, or let ${template} be the whole of a field, which is then left out`,
      );
    }
    return asText(value);
  });

/** Nothing: a template alone, for what the operation does not have. */
const fill = (json: Json, operands: Operands, operation: Operation): Json | undefined => {
  if (typeof json === 'string') {
    const name = whole.exec(json)?.[1];
    return name === undefined ? fillText(json, operands, operation) : operands[name];
  }
  if (Array.isArray(json)) {
    return json.map((item: Json) => fill(item, operands, operation)).filter((item) => item !== undefined);
  }
  if (typeof json !== 'object' || json === null) return json;
  const members = Object.entries(json).map(([key, value]) => [
    fillText(key, operands, operation),
    fill(value, operands, operation),
  ]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
};

/**
 * The dialect's words for an operation with its operands in their places, and `id` for its own. A text that is one template takes the operand's
 * own JSON type; where the operation has no such operand, that field is left out.
 *
 * @throws CodecError for a missing operand in the middle of a text.
 */
export const fillOperands = (words: Json, operation: Operation, id: number): Json => {
  const { stream, cursor, payload }: { stream: string; cursor?: Json; payload?: Json } = operation;
  return fill(words, { stream, cursor, payload, id }, operation) ?? null;
};

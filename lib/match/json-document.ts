import type { Json } from '../config/plan.ts';

/** Levels of arrays and objects that are read. What walks a document (equality, schemas, printing) recurses over them. */
export const maxLevels = 1_000;

const number = new Intl.NumberFormat('en-US');

/** Whether brackets are open more than `maxLevels` deep anywhere; one look at each character, no recursion. */
const isTooDeep = (text: string): boolean => {
  let level = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) level += 1;
    else if (code === 0x5d || code === 0x7d) level -= 1;
    if (level > maxLevels) return true;
  }
  return false;
};

/** Where the string ends that begins at `start`; behind the text where it does not. */
const endOfString = (text: string, start: number): number => {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (text.charCodeAt(quote - 1 - escapes) === 0x5c) escapes += 1;
    if (escapes % 2 === 0) return quote;
  }
  return text.length;
};

/** A text read as JSON, or what is wrong with it, as the end of a sentence: `not JSON`. Never throws. */
export const parseDocument = (text: string): { readonly document: Json } | { readonly problem: string } => {
  if (text.length > maxLevels && isTooDeep(text)) {
    return { problem: `nested more than ${number.format(maxLevels)} levels deep, the most that is read` };
  }
  try {
    return { document: JSON.parse(text) };
  } catch {
    return { problem: 'not JSON' };
  }
};

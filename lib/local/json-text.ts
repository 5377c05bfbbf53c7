/** Where a text stops being JSON, or names a key twice in one object, which `JSON.parse` lets pass. */
export type JsonFault = { readonly offset: number; readonly message: string };

type Expecting = 'value' | 'item or ]' | 'key or }' | 'key' | 'colon' | 'comma or end' | 'nothing';

/** Blanks, a string (RFC 8259 §7 allows DEL and the C1 controls), another scalar, a mark; without nested repetition. */
const tokens =
  /[\t\n\r ]+|("[^"\\\p{Cc}]*(?:(?:[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))[^"\\\p{Cc}]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])|([{}[\],:])/uy;

/** Open objects and lists; an object remembers its keys. */
type State = { expecting: Expecting; readonly levels: { readonly keys: Set<string> | undefined }[] };

const wanted = ({ expecting, levels }: State): string => {
  if (expecting === 'comma or end') return levels.at(-1)?.keys ? 'a comma or }' : 'a comma or ]';
  const words = {
    value: 'a value',
    'item or ]': 'a value or ]',
    'key or }': 'a key or }',
    key: 'a key',
    colon: 'a colon',
    nothing: 'the end of the file',
  };
  return words[expecting];
};

const wrong = (state: State): string => `expected ${wanted(state)}`;

const readKey = (quoted: string, state: State): string | undefined => {
  const keys = state.levels.at(-1)?.keys;
  const key = String(JSON.parse(quoted));
  if (keys?.has(key)) return `the key ${quoted} is there twice: remove one`;
  keys?.add(key);
  state.expecting = 'colon';
  return undefined;
};

const afterValue = ({ levels }: State): Expecting => (levels.length > 0 ? 'comma or end' : 'nothing');

const readValue = (mark: string | undefined, state: State): string | undefined => {
  if (state.expecting !== 'value' && state.expecting !== 'item or ]') return wrong(state);
  if (mark === '{') state.levels.push({ keys: new Set() });
  if (mark === '[') state.levels.push({ keys: undefined });
  state.expecting = mark === '{' ? 'key or }' : mark === '[' ? 'item or ]' : afterValue(state);
  return undefined;
};

const readEnd = (mark: '}' | ']', state: State): string | undefined => {
  const level = state.levels.at(-1);
  const closes = level !== undefined && (level.keys !== undefined) === (mark === '}');
  const may = state.expecting === 'comma or end' || state.expecting === (mark === '}' ? 'key or }' : 'item or ]');
  if (!closes || !may) return wrong(state);
  state.levels.pop();
  state.expecting = afterValue(state);
  return undefined;
};

const readSeparator = (mark: string, state: State): string | undefined => {
  if (state.expecting !== (mark === ':' ? 'colon' : 'comma or end')) return wrong(state);
  state.expecting = mark === ',' && state.levels.at(-1)?.keys ? 'key' : 'value';
  return undefined;
};

/** Moves the state on by one token; answers what is wrong with it. */
const readToken = ([, quoted, literal, mark]: RegExpExecArray, state: State): string | undefined => {
  if (quoted !== undefined && (state.expecting === 'key' || state.expecting === 'key or }')) {
    return readKey(quoted, state);
  }
  if (quoted !== undefined || literal !== undefined || mark === '{' || mark === '[') return readValue(mark, state);
  if (mark === '}' || mark === ']') return readEnd(mark, state);
  // Blanks say nothing.
  return mark === undefined ? undefined : readSeparator(mark, state);
};

/** The first fault of a text, or nothing where it is JSON without a key twice. Never throws. */
export const findJsonFault = (text: string): JsonFault | undefined => {
  const state: State = { expecting: 'value', levels: [] };
  let offset = 0;
  while (offset < text.length) {
    tokens.lastIndex = offset;
    const token = tokens.exec(text);
    const message = token ? readToken(token, state) : wrong(state);
    if (message !== undefined) return { offset, message };
    offset = tokens.lastIndex;
  }
  return state.expecting === 'nothing' ? undefined : { offset, message: `${wrong(state)}, and the file ends` };
};

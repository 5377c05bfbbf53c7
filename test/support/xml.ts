/** A strict reader of the XML 1.0 that reports use: elements, attributes, text and the five entities. Throws on the rest. */
export type XmlNode = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  readonly text: string;
};

type Open = { name: string; attributes: Record<string, string>; children: XmlNode[]; text: string };

const TOKEN = /<\?xml [^?]*\?>|<\/[A-Za-z][\w-]*>|<[A-Za-z][\w-]*(?: [A-Za-z][\w-]*="[^"<]*")*\/?>|[^<]+/y;

export function readXml(source: string): XmlNode {
  checkCharacters(source);
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const stack: Open[] = [root];
  let at = 0;
  while (at < source.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(source)?.[0];
    if (token === undefined) throw new Error(`not well-formed at ${at}: ${source.slice(at, at + 40)}`);
    take(token, at, stack);
    at += token.length;
  }
  const [only, ...more] = root.children;
  if (stack.length !== 1 || only === undefined || more.length > 0 || root.text.trim() !== '') {
    throw new Error('a document has one root, and every element ends');
  }
  return only;
}

function take(token: string, at: number, stack: Open[]): void {
  const top = stack.at(-1);
  if (top === undefined) throw new Error('more elements end than begin');
  if (token.startsWith('<?xml')) {
    if (at !== 0) throw new Error('the declaration comes first');
  } else if (token.startsWith('</')) {
    if (token !== `</${top.name}>`) throw new Error(`${token} does not end <${top.name}>`);
    stack.pop();
  } else if (token.startsWith('<')) {
    const open = openElement(token);
    top.children.push(open);
    if (!token.endsWith('/>')) stack.push(open);
  } else {
    if (token.includes(']]>')) throw new Error(']]> stands in a text');
    top.text += decode(token);
  }
}

function openElement(token: string): Open {
  const name = /^<([\w-]+)/.exec(token)?.[1] ?? '';
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of token.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
    if (Object.hasOwn(attributes, key)) throw new Error(`${key} is there twice`);
    // A parser turns raw white space of an attribute into spaces.
    attributes[key] = decode(value.replace(/[\t\n\r]/g, ' '));
  }
  return { name, attributes, children: [], text: '' };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (whole, name: string, end: string) => {
    const code = /^#(\d+)$/.exec(name)?.[1];
    const decoded = code === undefined ? ENTITIES[name] : String.fromCodePoint(Number(code));
    if (end === '' || decoded === undefined) throw new Error(`${whole} is no reference`);
    checkCharacters(decoded);
    return decoded;
  });
}

/** XML 1.0 §2.2, without surrogates, which are no characters. */
function checkCharacters(text: string): void {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const allowed =
      code === 9 ||
      code === 10 ||
      code === 13 ||
      (code >= 0x20 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000;
    if (!allowed) throw new Error(`character ${code} is not allowed in XML 1.0`);
  }
}

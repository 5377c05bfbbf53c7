import { shorten } from './layout.ts';
import type { Page } from './page.ts';

/** Limits of Block Kit, in characters after escaping. */
const limits = { header: 150, section: 3000 } as const;

/** A message of more than some 13,000 characters is refused as a whole, whatever its blocks (slackapi/bolt-js#2509). */
const mostSections = 4;

const fence = '```';
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What would otherwise mention a channel, or be a link of somebody else's. */
const escapeText = (text: string): string => text.replace(/[&<>]/g, (character) => escapes[character] ?? character);

/** Escaped and at most so long, with no escape cut in two. */
const escapeWithin = (text: string, most: number): string => {
  const whole = escapeText(text);
  if (whole.length <= most) return whole;
  let cut = '';
  for (const character of text) {
    const next = escapeText(character);
    if (cut.length + next.length > most - 1) break;
    cut += next;
  }
  return `${cut}…`;
};

/** Lines in as few texts as hold them; a line is never spread over two. */
const packLines = (lines: readonly string[], most: number): readonly string[] => {
  const packed: string[] = [];
  for (const line of lines) {
    const last = packed.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= most) packed[packed.length - 1] = `${last}\n${line}`;
    else packed.push(line);
  }
  return packed;
};

/** A code block ends at three backticks, whoever wrote them. */
const codeSections = (text: string) => {
  const room = limits.section - 2 * (fence.length + 1);
  const lines = text
    .replaceAll(fence, "'''")
    .split('\n')
    .map((line) => escapeWithin(line, room));
  return packLines(lines, room)
    .slice(0, mostSections)
    .map((code) => ({ type: 'section', text: { type: 'mrkdwn', text: `${fence}\n${code}\n${fence}` } }));
};

const linkSections = (runbook: string | undefined) => {
  const url = runbook === undefined ? null : URL.parse(runbook);
  if (!url || !/^https?:$/.test(url.protocol)) return [];
  const link = `<${escapeText(url.href).replaceAll('|', '%7C')}|runbook>`;
  return link.length > limits.section ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: link } }];
};

/** The body of a POST to an incoming webhook: the title for notifications, and the page's text as it is, in a code block. */
export const slackBody = (page: Page): string =>
  JSON.stringify({
    text: escapeWithin(page.title, limits.section),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: escapeWithin(page.title, limits.header), emoji: false } },
      // The title stands above already.
      ...codeSections(shorten(page.text.slice(page.text.indexOf('\n\n') + 2), 16_000)),
      ...linkSections(page.runbook),
    ],
  });

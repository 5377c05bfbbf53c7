import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slackBody } from '../../lib/page/slack.ts';
import { makeEvent } from '../support/alarms.ts';

type Block = { type: string; text: { type: string; text: string } };

const read = (page: Parameters<typeof slackBody>[0]): { text: string; blocks: Block[] } => JSON.parse(slackBody(page));

/** What Slack would refuse, or take for something other than text. */
const faultsIn = ({ text, blocks }: ReturnType<typeof read>): readonly string[] => {
  const faults: string[] = [];
  const check = (shown: string, most: number, where: string) => {
    if (shown.length === 0 || shown.length > most) faults.push(`${where} has ${shown.length} characters`);
    if (/&(?!(amp|lt|gt);)/.test(shown)) faults.push(`${where} has a bare &`);
    if (/[<>]/.test(shown.replace(/^<https?:[^<>|]*\|runbook>$/, ''))) faults.push(`${where} has a bare < or >`);
  };
  if (text.length > 0) check(text, 3000, 'text');
  if (blocks.length > 50) faults.push(`${blocks.length} blocks`);
  for (const [index, block] of blocks.entries()) {
    check(block.text.text, block.type === 'header' ? 150 : 3000, `block ${index}`);
    const fences = block.text.text.match(/```/g)?.length ?? 0;
    if (block.type === 'section' && fences !== 0 && fences !== 2) faults.push(`block ${index} has ${fences} fences`);
  }
  return faults;
};

describe('a page on Slack', () => {
  it('has its title as the text of the notification, its lines in a code block, and a link to its runbook', () => {
    const page = makeEvent('a', { runbook: 'https://runbooks.example/a|b?x=1&y=2' });
    expect(read(page)).toEqual({
      text: page.title,
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: page.title, emoji: false } },
        { type: 'section', text: { type: 'mrkdwn', text: '```\nwhat      Größe \u2028 "quoted"\n```' } },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '<https://runbooks.example/a%7Cb?x=1&amp;y=2|runbook>' },
        },
      ],
    });
  });

  it('mentions nobody and ends no code block, whatever a target answered', () => {
    const told = 'evidence  <!channel> ``` <https://evil.example|click> & more';
    const { blocks } = read(makeEvent('a', { text: `title\n\n${told}` }));
    expect(blocks[1]?.text.text).toBe(
      "```\nevidence  &lt;!channel&gt; ''' &lt;https://evil.example|click&gt; &amp; more\n```",
    );
  });

  it('keeps its last line, the runbook, when escapes make it long', () => {
    const lines = Array.from({ length: 8 }, (_, n) => `${n} ${'&'.repeat(290)}`);
    const { blocks } = read(makeEvent('a', { text: ['title', '', ...lines, 'runbook   there'].join('\n') }));
    expect(blocks.at(-1)?.text.text).toContain('runbook   there');
  });

  it('stays within the limits whatever it holds', () => {
    const anything = fc.string({
      unit: fc.constantFrom('<', '&', '`', '```', '|', '😀', '\n', 'x'),
      maxLength: 20_000,
    });
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 9 }),
        anything,
        anything,
        fc.webUrl(),
        (title, more, text, runbook) => {
          const page = makeEvent('a', { title: `${title}x${more}`, text: `${title}\n\n${text}x`, runbook });
          expect(faultsIn(read(page))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is found out by its test where it breaks a rule', () => {
    const block = (text: string, type = 'section') => ({ type, text: { type: 'mrkdwn', text } });
    const faulty = [block('<!channel>'), block('a & b'), block('```x```y```'), block('h'.repeat(151), 'header')];
    expect(faulty.map((one) => faultsIn({ text: 't', blocks: [one] }).length)).toEqual([1, 1, 1, 1]);
  });
});

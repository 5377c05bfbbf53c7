import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compositeKey, dedicatedKey, drillAlarmKey, stackAlarms } from '../lib/judge/alarm/stack-alarms.ts';
import type { AlarmRule } from '../lib/judge/alarm-rule.ts';
import { entry, root, start } from './support/cli.ts';

const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');

/** The part of a rule's name before its colon, and the streak that is no alarm: a kind that has no row here does not compile. */
type Kind =
  | (AlarmRule extends infer Rule ? (Rule extends `${infer Head}:${string}` ? Head : Rule) : never)
  | 'inconclusive';
const kinds: Readonly<Record<Kind & string, true>> = {
  runs: true,
  slo: true,
  regression: true,
  overdue: true,
  inconclusive: true,
};

describe('the runbook', () => {
  it('has a heading for each kind of alarm, and says of each what it means, where to look and when it ends', async () => {
    const [, ...sections] = (await read('RUNBOOK.md')).split(/^## /m);
    const byName = new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')), section]));
    const ofStack = [...stackAlarms.map(({ key }) => key), drillAlarmKey, dedicatedKey, compositeKey];
    expect([...byName.keys()].toSorted()).toEqual([...Object.keys(kinds), 'drill', ...ofStack].toSorted());
    for (const section of byName.values()) {
      for (const word of ['**Means:**', '**Look first:**', '**Ends:**']) expect(section).toContain(word);
    }
  });
});

describe('the README', () => {
  it.each(['backtest', 'cost'])('prints the %s that it shows', async (name) => {
    const readme = await read('README.md');
    const shown = new RegExp(`\`\`\`console\n\\$ npx plimsoll (${name}.*?)\n(.*?)\`\`\``, 's');
    const [, command = '', printed = ''] = shown.exec(readme) ?? [];
    const { code, stdout } = await start(process.execPath, [entry, ...command.split(' ')], { cwd: root }).finished;
    expect(stdout).toBe(printed);
    expect(code).toBe(0);
  });
});

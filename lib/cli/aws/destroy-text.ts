import type { Leftover, Leftovers } from '../../aws/removal/orphans.ts';
import type { StackResource } from '../../aws/removal/resources.ts';
import type { RemovalLook } from '../../aws/removal.ts';
import { formatInstant } from '../../report/format.ts';
import { plainLine } from '../../report/plain.ts';
import type { Paint } from '../../report/text/palette.ts';

const kindColumns = 9;

const row = (name: string, text: string): string => `${name.padEnd(kindColumns)}${plainLine(text)}`;

/** How many of each kind, the most first, and by name what stays. */
export const resourceLines = (
  resources: readonly StackResource[],
  retained: ReadonlySet<string>,
): readonly string[] => {
  const counts = new Map<string, number>();
  for (const { type, logicalId } of resources) {
    if (!retained.has(logicalId)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const width = String(sorted[0]?.[1] ?? '').length;
  const stays = resources.filter(({ logicalId }) => retained.has(logicalId));
  return [
    ...sorted.map(([type, count]) => `  ${String(count).padStart(width)}  ${plainLine(type)}`),
    ...stays.map(({ type, physicalId }) => `  stays: ${plainLine(`${type} ${physicalId}`)}`),
  ];
};

const leftoverLines = (name: string, leftovers: readonly Leftover[], paint: Paint): readonly string[] =>
  leftovers.flatMap(({ what, remedy }) => [row(name, what), paint(row('', remedy), 'faint')]);

export const failureLines = ({ failed }: RemovalLook): readonly string[] =>
  failed.map(({ logicalId, type, reason }) => row('failed', `${type} ${logicalId}: ${reason}`));

/** What a search for leftovers found; nothing when there was nothing to tell. */
export const leftoversLines = ({ orphans, kept, fading, unseen }: Leftovers, paint: Paint): readonly string[] => [
  ...kept.map((arn) => row('kept', `${arn} (as cloud.keep asks)`)),
  ...fading.map((arn) => row('fading', `${arn} (deleted; the index of tags shows it a while longer)`)),
  ...leftoverLines('maybe', unseen, paint),
  ...leftoverLines('left', orphans, paint),
];

type Concluded = { readonly stack: string; readonly region: string; readonly deletedAt?: string };

/** The last line: good or bad, and in how many words it can be said. */
export const conclusion = (
  { orphans, kept, unseen }: Leftovers,
  { stack, region, deletedAt }: Concluded,
  paint: Paint,
): string => {
  const when = deletedAt === undefined ? '' : ` (deleted ${formatInstant(deletedAt)})`;
  const where = `${stack} in ${region}${when}`;
  if (orphans.length > 0) {
    const count = orphans.length === 1 ? '1 resource is' : `${orphans.length} resources are`;
    return `${paint('bad', 'bad')}: ${count} left of ${where}, and nobody asked to keep ${orphans.length === 1 ? 'it' : 'them'}`;
  }
  const what = kept.length > 0 ? 'nothing but what is kept is left' : 'nothing is left';
  const but = unseen.length > 0 ? '; look for what no tag shows, as above' : '';
  return `${paint('good', 'good')}: ${what} of ${where}${but}`;
};

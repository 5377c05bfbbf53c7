import { DrillError, type DrillStore } from '../../../drill/ports.ts';
import type { DrillReport } from '../../../drill/report.ts';
import { tableShape } from '../../../names.ts';
import { expirySeconds, type Item, number, numberIn, text, textIn } from '../../dynamodb/items.ts';
import {
  drillEndKey,
  drillHeadKey,
  drillReportKey,
  drillReportPk,
  keyItem,
  openDrillKey,
} from '../../dynamodb/keys.ts';
import { isOver } from '../../dynamodb/run-item.ts';
import type { StoreParts } from '../store.ts';

const always = { expression: 'attribute_exists(#pk) OR attribute_not_exists(#pk)' } as const;

/** Reports of each drill by number, the newest of which a head names: whoever publishes follows on that one, or not at all. */
export const reportsOf = ({ table, values, clock, keepMs }: StoreParts): Pick<DrillStore, 'publish' | 'reports'> => {
  const isLive = (item: Item): boolean => !isOver(item, tableShape.expiry, clock.now());
  const hashIn = (head: Item | undefined): string | null =>
    head && isLive(head) ? (textIn(head, 'hash') ?? null) : null;
  const late = ({ drill, run }: DrillReport) =>
    new DrillError('Drill.Transient', `another report of ${drill} came before that of ${run}`);

  const writesOf = async (report: DrillReport, head: Item | undefined) => {
    const { run, drill, hash } = report;
    const expiry = { [tableShape.expiry]: number(expirySeconds(clock.now() + keepMs)) };
    const n = (numberIn(head, 'n') ?? 0) + 1;
    const follows = head
      ? { expression: '#n = :before', values: { ':before': number(n - 1) } }
      : { expression: 'attribute_not_exists(#pk)' };
    const item = { ...keyItem(drillReportKey(drill, n)), ...(await values.keep(run, report)), ...expiry };
    return [
      {
        kind: 'put',
        item: { ...keyItem(drillEndKey(run)), ...expiry },
        condition: { expression: 'attribute_not_exists(#pk)' },
      },
      {
        kind: 'put',
        item: { ...keyItem(drillHeadKey(drill)), n: number(n), hash: text(hash), ...expiry },
        condition: follows,
      },
      { kind: 'put', item },
      { kind: 'remove', key: openDrillKey(run), condition: always },
    ] as const;
  };

  return {
    publish: async (report) => {
      // Whoever comes first has the word: a runner that was taken for dead, and wakes up, changes nothing.
      if (await table.get(drillEndKey(report.run))) return;
      const head = await table.get(drillHeadKey(report.drill));
      if (hashIn(head) !== report.previous) throw late(report);
      const written = await table.transact(await writesOf(report, head));
      if (!written.done && !written.refused.has(0)) throw late(report);
    },
    reports: async (drillId, most) => {
      const found: Item[] = [];
      if (most <= 0) return [];
      const question = { pk: drillReportPk(drillId), order: 'newest', pageSize: Math.min(most, 1_000) } as const;
      for await (const page of table.pages(question)) {
        found.push(...page.filter(isLive));
        if (found.length >= most) break;
      }
      return Promise.all(found.slice(0, most).map((item) => values.find<DrillReport>(item)));
    },
  };
};

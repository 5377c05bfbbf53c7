import type { AlarmNotice } from './alarm-notice.ts';
import type { DrillNotice } from './drill-notice.ts';
import type { PageEvent } from './event.ts';

/**
 * What a channel tells: what became of a probe, of an alarm of CloudWatch, or of a drill. All say `id`, `dedupKey`, `kind`,
 * `route`, `severity`, `service`, `environment`, `slot`, `since`, `reasons`, `title` and `text` in the same words.
 */
export type Page = PageEvent | AlarmNotice | DrillNotice;

export const isEvent = (page: Page): page is PageEvent => 'probe' in page;

/** What it is about, by the name that SNS subscriptions filter by: a probe by its id, an alarm or a drill by its name. */
export const subjectOf = (page: Page): readonly [kind: 'probe' | 'alarm' | 'drill', name: string] => {
  if (isEvent(page)) return ['probe', page.probe];
  return 'drill' in page ? ['drill', page.drill] : ['alarm', page.alarm];
};

/** What spoke: the rule of a probe's alarm, CloudWatch, or a drill. */
export const classOf = (page: Page): string => {
  if (isEvent(page)) return page.rule;
  return 'drill' in page ? 'drill' : 'cloudwatch-alarm';
};

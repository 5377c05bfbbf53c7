import type { AlarmNotice } from './alarm-notice.ts';
import type { PageEvent } from './event.ts';

/**
 * What a channel tells: what became of a probe, or of an alarm of CloudWatch. Both say `id`, `dedupKey`, `kind`, `route`,
 * `severity`, `service`, `environment`, `slot`, `since`, `reasons`, `title` and `text` in the same words.
 */
export type Page = PageEvent | AlarmNotice;

export const isNotice = (page: Page): page is AlarmNotice => 'alarm' in page;

/** What it is about: the id of a probe, or the name of an alarm. */
export const subjectOf = (page: Page): string => (isNotice(page) ? page.alarm : page.probe);

/** What spoke: the rule of a probe's alarm, or CloudWatch. */
export const classOf = (page: Page): string => (isNotice(page) ? 'cloudwatch-alarm' : page.rule);

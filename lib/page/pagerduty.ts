import { plainLine } from '../report/plain.ts';
import { shorten } from './layout.ts';
import { classOf, isEvent, type Page, subjectOf } from './page.ts';
import { figures } from './text.ts';

/** Events API v2, the service region of the United States; European accounts have `https://events.eu.pagerduty.com/v2/enqueue`. */
export const pagerdutyUrl = 'https://events.pagerduty.com/v2/enqueue';

/** An integration key, by the contract of the Events API. */
export const routingKeyChars = 32;

/** Limits of the contract, in characters; a body may have 512 kB. */
const limits = { dedupKey: 255, summary: 1024 } as const;

/** Limits of our own: nobody reads more of a detail, and all of them together stay far below what a body may have. */
const most = { name: 255, reasons: 20, reason: 1000, text: 16_000 } as const;

/** What the trouble is to those who answer for it: what only the monitor's owners are told is never `critical`. */
const severityOf = ({ route, severity }: Page): 'critical' | 'error' | 'warning' | 'info' => {
  if (route === 'monitoring') return 'error';
  return ({ page: 'critical', ticket: 'warning', none: 'info' } as const)[severity];
};

const brief = (text: string): string => shorten(plainLine(text), most.name);

const detailsOf = (page: Page) => ({
  text: shorten(page.text, most.text),
  evidence: page.reasons.slice(0, most.reasons).map((reason) => shorten(plainLine(reason), most.reason)),
  since: page.since,
  ...(page.suspect === undefined ? {} : { suspect: shorten(plainLine(page.suspect), most.reason) }),
  ...(isEvent(page)
    ? {
        counted: brief(page.counted),
        ...(page.runId === null ? {} : { figures: figures(page), run: page.runId }),
      }
    : {}),
});

const linksOf = ({ runbook }: Page) => {
  const url = runbook === undefined ? null : URL.parse(runbook);
  return url && /^https?:$/.test(url.protocol) ? { links: [{ href: url.href, text: 'runbook' }] } : {};
};

const payloadOf = (page: Page) => ({
  summary: shorten(plainLine(page.title), limits.summary),
  source: brief(`${page.service}/${subjectOf(page)[1]} (${page.environment})`),
  severity: severityOf(page),
  timestamp: page.slot,
  component: brief(subjectOf(page)[1]),
  group: brief(page.service),
  class: brief(classOf(page)),
  custom_details: detailsOf(page),
});

/** The body of a POST to Events API v2: `trigger` of what began and `resolve` of what is over, joined by the page's own key. */
export const pagerdutyBody = (page: Page, routingKey: string): string => {
  const event = { routing_key: routingKey, dedup_key: page.dedupKey.slice(0, limits.dedupKey) };
  if (page.kind === 'recovered') return JSON.stringify({ ...event, event_action: 'resolve' });
  const trigger = { ...event, event_action: 'trigger', client: 'plimsoll', payload: payloadOf(page) };
  return JSON.stringify({ ...trigger, ...linksOf(page) });
};

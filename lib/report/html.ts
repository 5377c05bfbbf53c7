import type { Pass, RunDocument } from '../result/result.ts';
import { page } from './html/page.ts';

/**
 * The report as one HTML file that needs nothing else: no script, no request. `passesByRunId` gives the samples of each
 * run for its latency distribution; a run without them is drawn from its summary.
 */
export function renderHtml(document: RunDocument, passesByRunId: ReadonlyMap<string, readonly Pass[]>): string {
  return page(document, passesByRunId);
}

import type { Json, LedgerPlan, RequestStep } from '../../config/plan.ts';
import type { Listing } from '../../drill/ledger.ts';
import { compilePath, findFirst } from '../../match/json-path.ts';
import type { Performed } from '../http.ts';
import { type Asking, problemOf } from './asking.ts';

/** Nothing where the target has no listing. */
export type ReadListing = (signal: AbortSignal) => Promise<Listing | { readonly problem: string }>;

type ListPlan = NonNullable<LedgerPlan['list']>;

/** A listing that goes on longer is none that ends. */
const mostPages = 1000;

/** Where the next page is; a name that no config can have written. */
const nextName = 'list.next';

const pageStep = (list: ListPlan, next: Json | undefined): RequestStep =>
  next === undefined || !list.next
    ? list
    : { ...list, request: { ...list.request, query: { ...list.request.query, [list.next.query]: `{{${nextName}}}` } } };

type Page = { readonly ids: readonly string[]; readonly next?: Json } | { readonly problem: string };

const asId = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const readPage = async (performed: Performed, list: ListPlan, ids: string, asking: Asking): Promise<Page> => {
  const problem = problemOf(performed);
  if (problem !== undefined || !performed.answer) return { problem: `the listing failed: ${problem}` };
  const read = performed.answer.json();
  if ('problem' in read) return { problem: `the listing cannot be read: ${read.problem}` };
  const { search } = await asking.engines();
  const found = list.next && (findFirst(compilePath(list.next.path, search), read.document) as Json | undefined);
  const ended = found === undefined || found === null || found === '' || found === false;
  return { ids: compilePath(ids, search)(read.document).map(asId), ...(ended ? {} : { next: found }) };
};

/** Reads all pages of a listing: an id is as often in it as the target shows it. */
export const createListing = (list: ListPlan | undefined, asking: Asking): ReadListing => {
  const ids = list?.ids;
  if (!list || ids === undefined) return async () => undefined;
  return async (signal) => {
    const all: string[] = [];
    let next: Json | undefined;
    for (let pages = 0; pages < mostPages; pages += 1) {
      const values = new Map([...asking.context.values, ...(next === undefined ? [] : [[nextName, next] as const])]);
      const page = await readPage(await asking.ask(pageStep(list, next), values, signal), list, ids, asking);
      if ('problem' in page) return page;
      all.push(...page.ids);
      if (page.next === undefined) return all;
      if (page.next === next) return { problem: 'the listing never ends: a page names itself as the next' };
      next = page.next;
    }
    return { problem: `the listing did not end within ${mostPages} pages` };
  };
};

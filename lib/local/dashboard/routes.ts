import type { Clock } from '../../probe/prober.ts';
import { STYLE as REPORT_STYLE } from '../../report/html/style.ts';
import { renderHtml } from '../../report/html.ts';
import type { Pass, Run } from '../../result/result.ts';
import { version } from '../../version.ts';
import { type Answer, json, page, policyFor, refused } from './answer.ts';
import type { Asset } from './assets.ts';
import { shellPage } from './page.ts';
import type { DashboardSource } from './source.ts';
import { historyView } from './view/history.ts';
import { runView } from './view/run.ts';
import { parseStateQuery, stateView } from './view/state.ts';

/** Points of a chart: more are not wider apart than a pixel or two. */
const HISTORY = 500;
/** Looked at for the last failures of all probes, which are shown by probe. */
const FAILURES = 100;
/** For as long as what was read of all probes stays good, when nobody says that it changed. */
const FRESH_MS = 2_000;

const RUN_ID = /^[a-z2-7]{26}$/;

export type Router = {
  /** Rejects when the source does. */
  answer(target: string): Promise<Answer>;
  /** Something changed: what was read of all probes is of the past. */
  forget(): void;
};

/** Answers a request target by its path; `/api/events` is not here, for it has no end. */
export function createRouter(source: DashboardSource, assets: ReadonlyMap<string, Asset>, clock: Clock): Router {
  // One read of all probes serves every open page until the next change.
  const all = remembered(clock, () => Promise.all([source.probes(), source.failures(FAILURES)]));

  const answer = async (target: string): Promise<Answer> => {
    const { path, query } = split(target);
    if (path === '/') return page(shellPage(source));
    if (path === '/api/state') {
      const [probes, failures] = await all.read();
      return json(stateView(source, probes, failures, parseStateQuery(query), clock.now()));
    }
    if (path === '/api/history') return history(source, query.get('probe'));
    const [, room = '', rest = ''] = /^\/(assets|api\/run|report)\/(.+)$/.exec(path) ?? [];
    if (room === 'assets') return asset(assets.get(rest));
    if (room === 'api/run') return withRun(source, rest, ({ run }) => json(runView(run)));
    if (room === 'report') return withRun(source, rest, (found) => report(source, found));
    return refused(404, 'there is nothing here');
  };
  return { answer, forget: all.forget };
}

function asset(found: Asset | undefined): Answer {
  if (found === undefined) return refused(404, 'there is no such file');
  return { status: 200, type: `${found.type}; charset=utf-8`, body: found.body };
}

async function history(source: DashboardSource, probe: string | null): Promise<Answer> {
  if (probe === null || probe === '' || probe.length > 200) return refused(400, 'name one probe: ?probe=ID');
  const known = (await source.probes()).find((one) => one.id === probe);
  if (known === undefined) return refused(404, 'there is no such probe');
  return json(historyView(known, await source.history(probe, HISTORY)));
}

type Found = { readonly run: Run; readonly passes: readonly Pass[] };

async function withRun(source: DashboardSource, runId: string, show: (found: Found) => Answer): Promise<Answer> {
  if (!RUN_ID.test(runId)) return refused(400, 'a run id is 26 lower-case letters and digits');
  const found = await source.run(runId);
  return found === undefined ? refused(404, 'there is no such run, or it was kept for long enough') : show(found);
}

/** The HTML report that `plimsoll run --html` writes, of this run alone. */
function report(source: DashboardSource, { run, passes }: Found): Answer {
  const document = {
    schema: 1,
    tool: `plimsoll ${version}`,
    service: source.service,
    environment: run.environment,
    startedAt: run.startedAt,
    verdict: run.verdict,
    variables: [],
    runs: [run],
  } as const;
  return page(renderHtml(document, new Map([[run.runId, passes]])), policyFor(REPORT_STYLE));
}

/** By hand: `URL` would read a target of two slashes as another host, and throw on others. */
function split(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = target.indexOf('?');
  if (mark < 0) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** One read for all who ask between two changes; after a while it is read again, for time passes without a word. */
function remembered<T>(clock: Clock, read: () => Promise<T>): { read(): Promise<T>; forget(): void } {
  let last: { readonly reading: Promise<T>; readonly atMs: number } | undefined;
  const forget = (): void => {
    last = undefined;
  };
  return {
    forget,
    read() {
      if (last !== undefined && clock.monotonic() - last.atMs < FRESH_MS) return last.reading;
      const made = { reading: read(), atMs: clock.monotonic() };
      last = made;
      // A failure is told to those who wait for it, and the next one asks again.
      made.reading.catch(() => {
        if (last === made) forget();
      });
      return made.reading;
    },
  };
}

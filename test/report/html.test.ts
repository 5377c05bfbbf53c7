import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linearScale, logScale } from '../../lib/report/html/scale.ts';
import { renderHtml } from '../../lib/report/html.ts';
import { document, emptyRun, poisoned, run } from '../support/documents.ts';
import { degradedRun, everything, passingRun } from '../support/example-document.ts';

const NONE = new Map();
const pageOf = (text?: string): string => {
  const { document: made, passes } = text === undefined ? everything() : poisoned(everything(), text);
  return renderHtml(made, passes);
};

describe('the page', () => {
  test('is one file: no script, no address to load from, and a policy that allows neither', () => {
    const page = pageOf();
    expect(page).not.toMatch(/<script|<link[^>]+href="(?!data:)|@import|url\(|\ssrc=|\sstyle=|\son\w+=/i);
    expect(page).toMatch(/content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; img-src data:;/);
  });

  test('shows every run with its verdict in words and its reasons', () => {
    const page = pageOf();
    for (const run of everything().document.runs) {
      expect(page).toContain(`>${run.probe}</h2>`);
      expect(page).toContain(`is-${run.verdict ?? run.status}`);
    }
    expect(page).toContain('create answered 503 where 201 was expected, in 5 of 5 passes');
    expect(page).toContain('Suspect: application – the service, or a gateway before it: it answered 503');
    expect(page).toContain('ruleId is not set: run needs it');
    expect(page).toContain('the captcha of staging is not switched off yet');
  });

  test('draws a dot for each sample, bars for many, and the summary when the samples are gone', () => {
    const few = passingRun();
    const page = renderHtml(document([few.run]), new Map([[few.run.runId, few.passes]]));
    expect(page.match(/class="dot-(good|tainted)"/g)).toHaveLength(20);
    const many = degradedRun();
    expect(renderHtml(document([many.run]), new Map([[many.run.runId, many.passes]]))).not.toContain('class="dot-');
    expect(renderHtml(document([few.run]), NONE)).toContain('the samples are not at hand');
  });

  test('draws percentiles and thresholds where they are on the axis', () => {
    const { run: made, passes } = degradedRun();
    const page = renderHtml(document([made]), new Map([[made.runId, passes]]));
    const at = (kind: string): number[] =>
      [...page.matchAll(new RegExp(`<line class="${kind}" x1="([\\d.]+)%"`, 'g'))].map((m) => Number(m[1]));
    expect(at('percentile')).toHaveLength(3);
    expect(at('threshold')).toHaveLength(2);
    const [limit900, limit400] = at('threshold');
    const [p99, p50, p95] = at('percentile');
    // p50 194, threshold 400, p95 405, p99 454, threshold 900: their order on the axis is their order in time.
    const inOrder = [p50, limit400, p95, p99, limit900];
    expect([...inOrder].sort((a, b) => Number(a) - Number(b))).toEqual(inOrder);
  });

  test('never shows the value of a secret', () => {
    const variables = [
      { name: 'token', set: true, source: 'env:T', required: true, secret: true, value: 'canary-secret' },
    ];
    expect(renderHtml(document([], { variables }), NONE)).not.toContain('canary-secret');
  });

  test('links a runbook only to an address of the web', () => {
    const failed = (runbook: string): string =>
      renderHtml(document([run('x', [], { verdict: 'fail', runbook, reasons: ['down'] })]), NONE);
    expect(failed('https://runbooks.example/x')).toContain('<a href="https://runbooks.example/x"');
    expect(failed('javascript:alert(1)')).not.toContain('href="javascript');
  });

  test('survives runs with nothing in them', () => {
    expect(renderHtml(document([]), NONE)).toContain('no runs');
    expect(
      renderHtml(
        document([run('idle', [], { verdict: 'inconclusive' }), emptyRun('off', 'skipped', 'disabled')]),
        NONE,
      ),
    ).toContain('disabled');
  });

  test('any text whatever is text: the elements of the page stay the same', () => {
    const tags = (page: string): string => (page.match(/<\/?[a-z][a-z0-9]*|[a-z-]+="/gi) ?? []).join(' ');
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' onload='",
        '</style><script>',
        '-->',
        '`&#96;',
      ),
    );
    const harmless = tags(pageOf('x'));
    fc.assert(
      fc.property(hostile, (text) => {
        // Attributes that a text spells have their quotes escaped, and so do not count as attributes.
        expect(tags(pageOf(`x${text}`))).toBe(harmless);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the axes', () => {
  test('keep every value and every tick on the axis, in order', () => {
    const value = fc.double({ min: 0.001, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        for (const scale of [logScale(values), linearScale(Math.max(...values), 4)]) {
          const at = [...values].sort((a, b) => a - b).map(scale.at);
          expect(at.every((one) => one >= 0 && one <= 100)).toBe(true);
          expect([...at].sort((a, b) => a - b)).toEqual(at);
          expect(scale.ticks.every((tick) => Number.isFinite(scale.at(tick)))).toBe(true);
          expect(scale.ticks.length).toBeLessThanOrEqual(8);
        }
      }),
    );
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { json, startHttpTarget, type Target } from '../support/http-target.ts';
import { measure, probeOf } from '../support/probing.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes that are still held after everything else was let go. */
const heldBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const targets: Target[] = [];
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
});

/** Answers, and notes what the process holds at these requests. */
const serve = async (at: readonly number[], answer: Parameters<typeof startHttpTarget>[0]) => {
  const held: number[] = [];
  let asked = 0;
  const target = await startHttpTarget((request, response) => {
    asked += 1;
    if (at.includes(asked)) held.push(heldBytes());
    answer(request, response);
  });
  targets.push(target);
  return { url: target.url, held, connections: target.connections };
};

const samples = (url: string, count: number, step: object = {}) =>
  probeOf({
    kind: 'http',
    samples: count,
    timeout: '30s',
    deadline: '10m',
    steps: [{ name: 'get', request: { url }, ...step }],
  });

/** A pass without evidence is a few figures: some hundred bytes of each. */
const bytesPerPass = 6_000;

describe('memory', () => {
  it('keeps the evidence of a few failures, and not of thousands', async () => {
    const [early, late, all] = [200, 1_200, 1_300];
    const headers = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x-header-${n}`, 'v'.repeat(300)]));
    const { url, held } = await serve([early, late], (_, response) =>
      json(response, 500, { text: 'x'.repeat(4_000) }, headers),
    );
    const result = await measure(samples(url, all));
    expect(result.passes).toHaveLength(all);
    const evident = result.passes.filter((pass) => pass.steps.some((step) => step.evidence));
    expect(evident.map((pass) => pass.index)).toEqual([0, 1, 2, 3, 4, all - 1]);
    const [before = 0, after = 0] = held;
    // What is seen of one answer is some 20 KB: kept for each, it would be three times as much as this.
    expect((after - before) / (late - early)).toBeLessThan(bytesPerPass);
  });

  it('is flat but for the figures over a soak of kept-alive samples, on one connection', async () => {
    const [early, late, all] = [500, 3_500, 3_600];
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const { url, held, connections } = await serve([early, late], (_, response) => json(response, 200, { ok: true }));
    const result = await measure(samples(url, all, { expect: { json: { '$.ok': true } } }));
    process.off('warning', warn);
    const [before = 0, after = 0] = held;
    expect((after - before) / (late - early)).toBeLessThan(bytesPerPass);
    expect(warnings).toEqual([]);
    expect(result.passes.every((pass) => pass.complete)).toBe(true);
    // The warm-up's two, and what a taint may repeat: never one a sample.
    expect(connections()).toBeLessThan(10);
  });
});

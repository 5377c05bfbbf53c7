// A process of its own that soaks: `node --expose-gc soaking-child.ts URL ITERATIONS [leak]`. Asked by a message, it
// answers how many bytes it holds after a collection; at the end it answers what the soak came to.
import { contextOf, measure, probeOf } from './probing.ts';

const [url = '', iterations = '0', leak] = process.argv.slice(2);
const { gc } = globalThis as { gc?: () => void };

const kept: unknown[] = [];
const context = contextOf();
// A planted leak: something is kept at every look at the clock.
const leaky = {
  ...context,
  clock: {
    ...context.clock,
    monotonic: () => {
      kept.push(new Array(16).fill(0));
      return performance.now();
    },
  },
};

process.on('message', () => {
  gc?.();
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ bytes: heapUsed + external });
});

const probe = probeOf({
  kind: 'websocket',
  timeout: '60s',
  invariants: [
    { monotonic: { stream: '*', field: 'n' } },
    { noDuplicates: { key: 'n' } },
    { gapless: { stream: '*', field: 'n' } },
  ],
  steps: [
    { connect: { as: 'a', url } },
    {
      name: 'soak',
      soak: {
        iterations: Number(iterations),
        steps: [
          { name: 'ask', send: { as: 'a', json: { type: 'ask' }, mark: 'asked' } },
          {
            name: 'hear',
            expect: { as: 'a', one: { type: 'answer' }, within: '60s', latency: { since: 'asked', max: '60s' } },
          },
        ],
      },
    },
  ],
});
const { passes } = await measure(probe, leak === 'leak' ? leaky : context);
const [pass] = passes;
const { evidence: _, ...step } = pass?.steps.at(-1) ?? {};
process.send?.({ step, checks: pass?.checks });
process.disconnect();

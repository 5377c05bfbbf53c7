import type { Store } from '../result/store.ts';

/** A store that is opened at its first use: nothing of it is loaded before there is something to keep. */
export const lazyStore = (open: () => Promise<Store>): Store => ({
  put: async (...call) => (await open()).put(...call),
  get: async (...call) => (await open()).get(...call),
  list: async (...call) => (await open()).list(...call),
  history: async function* (...call) {
    yield* (await open()).history(...call);
  },
  latest: async () => (await open()).latest(),
  state: async (...call) => (await open()).state(...call),
  states: async () => (await open()).states(),
  memory: async (...call) => (await open()).memory(...call),
  advance: async (...call) => (await open()).advance(...call),
  baseline: async (...call) => (await open()).baseline(...call),
  baselines: async () => (await open()).baselines(),
  putBaseline: async (...call) => (await open()).putBaseline(...call),
  mark: async (...call) => (await open()).mark(...call),
  marks: async (...call) => (await open()).marks(...call),
  pendingEvents: async (...call) => (await open()).pendingEvents(...call),
  settleEvent: async (...call) => (await open()).settleEvent(...call),
  prune: async (...call) => (await open()).prune(...call),
  close: async () => (await open()).close(),
});

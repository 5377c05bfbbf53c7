import { onTestFinished } from 'vitest';
import { faultsOf } from '../../lib/fault-proxy/grammar/parse.ts';
import { type FaultProxy, startFaultProxy } from '../../lib/fault-proxy/proxy.ts';
import type { Run } from '../../lib/result/result.ts';
import { contextOf, probeOf, runOf } from './probing.ts';

/**
 * Runs a websocket probe as a user writes it, and judges it. Only what the target does may decide: its steps wait as long
 * as a busy machine takes, unless they say otherwise.
 */
export const judge = (probe: object): Promise<Run> =>
  runOf(probeOf({ kind: 'websocket', timeout: '30s', deadline: '2m', ...probe }), contextOf());

/** The verdict, and the reasons for one that is not `pass`. */
export const conclusionOf = ({ verdict, reasons }: Run): readonly string[] => [String(verdict), ...reasons];

/** A way to a target on which these faults are done to its frames. */
export type FaultyWay = Pick<FaultProxy, 'setFaults' | 'hits'> & { readonly url: string };

/** Puts a fault proxy before a target; it is gone when the test is over. */
export const behindFaults = async (url: string, ...faults: readonly string[]): Promise<FaultyWay> => {
  const { host, pathname, search } = new URL(url);
  const proxy = await startFaultProxy({ target: `http://${host}`, faults: faultsOf(...faults) });
  onTestFinished(() => proxy.close());
  return { ...proxy, url: `${proxy.wsUrl}${pathname}${search}` };
};

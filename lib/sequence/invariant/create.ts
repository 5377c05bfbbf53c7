import type { Invariant } from '../../config/plan.ts';
import { monitorChain } from './chain.ts';
import { monitorLatency } from './latency.ts';
import type { InvariantContext, InvariantMonitor } from './observe.ts';
import { monitorOrdered } from './ordered.ts';
import { monitorSilence } from './silence.ts';
import { monitorTotalOrder } from './total-order.ts';
import { monitorUnique } from './unique.ts';
import { monitorUnknownTypes } from './unknown-types.ts';

/** Starts an invariant. @throws SyntaxError for a path that is not JSONPath. */
export const createInvariant = (invariant: Invariant, context: InvariantContext): InvariantMonitor => {
  switch (invariant.kind) {
    case 'monotonic':
    case 'gapless':
      return monitorOrdered(invariant, context);
    case 'totalOrder':
      return monitorTotalOrder(invariant, context);
    case 'chain':
      return monitorChain(invariant, context);
    case 'noDuplicates':
      return monitorUnique(invariant, context);
    case 'unknownTypes':
      return monitorUnknownTypes(invariant, context);
    case 'maxSilence':
      return monitorSilence(invariant);
    case 'latency':
      return monitorLatency(invariant, context);
  }
};

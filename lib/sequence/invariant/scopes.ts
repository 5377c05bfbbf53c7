import type { InvariantScope } from '../../config/plan.ts';
import type { Frame } from '../journal.ts';

/** A state for each thing that is to hold together: a connection as opened once, or everything. */
export type Scopes<State> = {
  of(frame: Frame): State;
  /** Those not retired yet. */
  open(): readonly State[];
};

/** No frame comes any more for a generation once the next has begun: its state is retired, so that a soak costs no memory. */
export const createScopes = <State>(
  scope: InvariantScope,
  /** Is told the first frame. */
  make: (first: Frame) => State,
  retire: (state: State) => void,
): Scopes<State> => {
  const states = new Map<string, { readonly generation: number; readonly state: State }>();
  return {
    of: (frame) => {
      const [key, generation] = scope === 'generation' ? [frame.connection, frame.generation] : ['', 0];
      const known = states.get(key);
      if (known?.generation === generation) return known.state;
      if (known) retire(known.state);
      const state = make(frame);
      states.set(key, { generation, state });
      return state;
    },
    open: () => [...states.values()].map(({ state }) => state),
  };
};

/** A map that holds so many at most: the oldest goes, through `retire`, when one more comes. */
export const createBounded = <Value>(most: number, retire: (value: Value) => void = () => {}) => {
  const values = new Map<string, Value>();
  let gone = 0;
  return {
    get: (key: string): Value | undefined => values.get(key),
    set: (key: string, value: Value): void => {
      if (!values.has(key) && values.size >= most) {
        for (const [oldest, left] of values) {
          values.delete(oldest);
          retire(left);
          gone += 1;
          break;
        }
      }
      values.set(key, value);
    },
    delete: (key: string): void => void values.delete(key),
    values: (): readonly Value[] => [...values.values()],
    /** How many had to go. */
    gone: (): number => gone,
  };
};

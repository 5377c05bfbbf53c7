import { formatProblems, parseConfig } from '../../lib/config/parse.ts';
import type { ProbePlan, Step } from '../../lib/config/plan.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const open = { connect: { url: 'wss://a.example' } };
export const openAs = (as: string): Fields => ({ connect: { as, url: 'wss://a.example' } });

/** A codec with words for every operation, that knows an answer when it sees one. */
export const fullCodec: Fields = {
  json: {
    roles: { ack: { type: 'ack' }, event: { type: 'event' }, error: { type: 'error' } },
    operations: {
      subscribe: { do: 'sub', stream: '{{op.stream}}', from: '{{op.cursor}}', with: '{{op.payload}}' },
      unsubscribe: { do: 'unsub', stream: '{{op.stream}}' },
      publish: { do: 'pub', stream: '{{op.stream}}', body: '{{op.payload}}' },
      ack: { do: 'ack', stream: '{{op.stream}}', at: '{{op.cursor}}' },
    },
  },
};

/** A config of one websocket probe. */
export const configOf = (probe: Fields, variables: Fields = {}): Fields => ({
  service: 'notes',
  variables,
  probes: [{ id: 'a', kind: 'websocket', steps: [open], ...probe }],
});

/** Steps after a connection `main`, in a codec that has every operation. */
export const withSteps = (...steps: readonly unknown[]): Fields =>
  configOf({ codec: fullCodec, steps: [open, ...steps] });

export const withCodec = (codec: unknown, variables: Fields = {}): Fields => configOf({ codec }, variables);

export const withInvariant = (invariant: unknown, probe: Fields = {}): Fields =>
  configOf({ invariants: [invariant], ...probe });

/** The probe of a config that must be good. */
export const planOf = (config: Fields): ProbePlan => {
  const parsed = parseConfig(config);
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
  const [probe] = parsed.plan.probes;
  if (!probe) throw new Error('no probe in the plan');
  return probe;
};

/** Its last step. */
export const lastOf = (config: Fields): Step | undefined => planOf(config).steps.at(-1);

/** A sentence that says by itself what to write. */
const saysWhat = /^(must be|is missing$|is not .*: it needs one of)/;

/** What is wrong, as `path: message`, the path from the probe on. A mistake that leaves its author at a loss says so. */
export const complaints = (config: unknown): readonly string[] => {
  const parsed = parseConfig(config);
  return parsed.ok
    ? []
    : parsed.problems.map(({ path, message, remedy }) => {
        const place = path.replace(/^probes\[0\]\.?/, '') || 'probe';
        return `${place}: ${message}${remedy === undefined && !saysWhat.test(message) ? ' (no remedy)' : ''}`;
      });
};

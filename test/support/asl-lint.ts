import type { Machine, State, States } from '../../lib/drill/machine.ts';

type Fields = Readonly<Record<string, unknown>>;
type Rule = (name: string, state: State) => readonly string[];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const portable: ReadonlySet<string> = new Set(['Task', 'Choice', 'Parallel', 'Wait', 'Pass', 'Succeed', 'Fail']);
const variables = ['Assign', 'Arguments', 'Output', 'Items', 'QueryLanguage', 'Condition'];

const typeRule: Rule = (_, { Type }) => (portable.has(Type) ? [] : [`${Type} is not portable`]);

/** Words of JSONata and of variables: one local interpreter ignores them and succeeds with wrong data. */
const languageRule: Rule = (_, state) => variables.filter((key) => key in state).map((key) => `has ${key}`);

const tokenRule: Rule = (_, state) => {
  const text = JSON.stringify({ ...state, Branches: undefined });
  return [
    ...(text.includes('waitForTaskToken') || text.includes('Task.Token') ? ['waits for a task token'] : []),
    ...(text.includes('States.Hash') ? ['hashes in the language'] : []),
    ...('HeartbeatSeconds' in state || 'HeartbeatSecondsPath' in state ? ['has a heartbeat'] : []),
  ];
};

const taskRule: Rule = (_, state) => {
  if (state.Type !== 'Task')
    return 'Retry' in state || 'Catch' in state ? [`${state.Type} has a Retry or a Catch`] : [];
  return [
    ...(state.Resource === 'arn:aws:states:::lambda:invoke' ? [] : [`calls ${String(state.Resource)}`]),
    ...(typeof state.TimeoutSeconds === 'number' ? [] : ['has no TimeoutSeconds of its own']),
  ];
};

const catchRule: Rule = (_, state) => {
  if (state.Type !== 'Task') return [];
  const catchers = listOf(state.Catch).map((catcher) => textsOf(catcher.ErrorEquals));
  const last = catchers.at(-1) ?? [];
  const early = [...catchers.slice(0, -1), ...listOf(state.Retry).map((retrier) => textsOf(retrier.ErrorEquals))];
  return [
    ...(last.includes('States.ALL') ? [] : ['catches not all at the last']),
    ...(last.includes('States.ALL') && last.length > 1 ? ['catches States.ALL with others'] : []),
    ...(early.some((errors) => errors.includes('States.ALL')) ? ['has States.ALL where it is not the last Catch'] : []),
  ];
};

const retryRule: Rule = (_, state) =>
  listOf(state.Retry).flatMap(({ JitterStrategy }) =>
    JitterStrategy === undefined || JitterStrategy === 'FULL' || JitterStrategy === 'NONE'
      ? []
      : [`has a jitter strategy ${String(JitterStrategy)}`],
  );

const operands: ReadonlySet<string> = new Set(['Variable', 'Next', 'Comment', 'And', 'Or', 'Not']);

const comparisons = (rule: Fields): readonly string[] => [
  ...Object.keys(rule).filter((key) => !operands.has(key)),
  ...[...listOf(rule.And), ...listOf(rule.Or), ...listOf([rule.Not])].flatMap(comparisons),
];

const choiceRule: Rule = (_, state) => {
  if (state.Type !== 'Choice') return [];
  const wrong = listOf(state.Choices)
    .flatMap(comparisons)
    .filter((operator) => !['StringEquals', 'NumericEquals', 'BooleanEquals'].includes(operator));
  return [
    ...wrong.map((operator) => `compares by ${operator}`),
    ...(typeof state.Default === 'string' ? [] : ['has no Default']),
  ];
};

const onlyFields = (state: State, allowed: readonly string[]): readonly string[] =>
  Object.keys(state)
    .filter((key) => !['Type', 'Comment', ...allowed].includes(key))
    .map((key) => `${state.Type} has ${key}`);

const waitRule: Rule = (_, state) =>
  state.Type !== 'Wait'
    ? []
    : [
        ...(typeof state.Seconds === 'number' ? [] : ['waits for other than seconds']),
        ...onlyFields(state, ['Seconds', 'Next', 'End']),
      ];

const failRule: Rule = (_, state) =>
  state.Type !== 'Fail'
    ? []
    : [
        ...(typeof state.Error === 'string' && typeof state.Cause === 'string' ? [] : ['fails without a literal']),
        ...onlyFields(state, ['Error', 'Cause']),
      ];

const rules: readonly Rule[] = [
  typeRule,
  languageRule,
  tokenRule,
  taskRule,
  catchRule,
  retryRule,
  choiceRule,
  waitRule,
  failRule,
];

/** States that one leads to: by Next, by a choice, or by what it catches. */
export const successors = (state: State): readonly string[] => [
  ...textsOf([state.Next, state.Default]),
  ...[...listOf(state.Choices), ...listOf(state.Catch)].flatMap(({ Next }) => textsOf([Next])),
];

/** All that can be reached from some states without a step through `without`; they themselves among them. */
export const reachable = (states: States, from: readonly string[], without?: string): ReadonlySet<string> => {
  const seen = new Set<string>();
  const waiting = [...from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const state = states[name];
    if (!state || seen.has(name) || name === without) continue;
    seen.add(name);
    waiting.push(...successors(state));
  }
  return seen;
};

const isEnd = (state: State | undefined): boolean =>
  state?.Type === 'Succeed' || state?.Type === 'Fail' || state?.End === true;

/** Ends of the machine that can be reached around a state which no path may leave out. */
export const around = (states: States, from: readonly string[], waypoint: string): readonly string[] =>
  [...reachable(states, from, waypoint)].filter((name) => isEnd(states[name]));

const graphProblems = (states: States, startAt: string, where: string): readonly string[] => {
  const seen = reachable(states, [startAt]);
  const nowhere = Object.entries(states).flatMap(([name, state]) =>
    successors(state)
      .filter((next) => !(next in states))
      .map((next) => `${where}${name}: leads to ${next}, which is not there`),
  );
  return [
    ...nowhere,
    ...Object.keys(states)
      .filter((name) => !seen.has(name))
      .map((name) => `${where}${name}: cannot be reached`),
  ];
};

const branchesOf = (state: State): readonly { readonly StartAt: string; readonly States: States }[] =>
  listOf(state.Branches) as unknown as readonly { readonly StartAt: string; readonly States: States }[];

const statesProblems = (states: States, startAt: string, where: string): readonly string[] => [
  ...graphProblems(states, startAt, where),
  ...Object.entries(states).flatMap(([name, state]) => [
    ...rules.flatMap((rule) => rule(name, state).map((problem) => `${where}${name}: ${problem}`)),
    ...branchesOf(state).flatMap((branch) => statesProblems(branch.States, branch.StartAt, `${where}${name}/`)),
  ]),
];

/** What keeps a machine out of the portable subset (field notes, §C.3), each as a sentence that begins with the state. */
export const lintMachine = (machine: Machine): readonly string[] => [
  ...(machine.QueryLanguage === 'JSONPath' ? [] : [`the machine speaks ${String(machine.QueryLanguage)}`]),
  ...(typeof machine.TimeoutSeconds === 'number' ? [] : ['the machine has no TimeoutSeconds']),
  ...statesProblems(machine.States, machine.StartAt, ''),
];

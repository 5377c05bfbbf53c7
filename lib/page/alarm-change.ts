/** A change of state of a CloudWatch alarm. */
export type AlarmChange = {
  readonly alarm: string;
  /** `111122223333/eu-west-1`: an alarm's name is its own there alone. */
  readonly place: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly before: AlarmChange['state'];
  /** CloudWatch's words. */
  readonly reason: string;
  /** ISO time of the change … */
  readonly at: string;
  /** … and, where it is said, of the change before. */
  readonly beforeSince?: string;
  readonly description?: string;
  /** Absent: a composite alarm, or one over an expression. */
  readonly metric?: {
    readonly name: string;
    readonly namespace: string;
    readonly dimensions: Readonly<Record<string, string>>;
  };
};

export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const childOf = (parent: Fields, key: string): Fields => {
  const child = parent[key];
  if (!isObject(child)) throw new Error(`an alarm's change without ${key}`);
  return child;
};

const textOf = (parent: Fields, key: string): string => {
  const text = parent[key];
  if (typeof text !== 'string' || text === '') throw new Error(`an alarm's change without ${key}`);
  return text;
};

const optionalText = (parent: Fields, key: string): string | undefined => {
  const text = parent[key];
  return typeof text === 'string' && text !== '' ? text : undefined;
};

const states: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA'] satisfies readonly AlarmChange['state'][];

const stateOf = (parent: Fields, key: string): AlarmChange['state'] => {
  const state = textOf(parent, key);
  if (states.includes(state)) return state as AlarmChange['state'];
  throw new Error(`an alarm's change with the ${key} ${state.slice(0, 40)}`);
};

/** CloudWatch writes `2019-10-02T17:04:40.989+0000`. */
const instantOf = (parent: Fields, key: string): string => {
  const text = textOf(parent, key);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`an alarm's change with the ${key} ${text.slice(0, 40)}`);
  return new Date(ms).toISOString();
};

const given = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [Name in Key]?: Value };

/** SNS lists them, as `{ name, value }`; EventBridge has an object. */
const dimensionsOf = (dimensions: unknown): Readonly<Record<string, string>> => {
  const entries = Array.isArray(dimensions)
    ? dimensions.filter(isObject).map((one) => [one.name ?? one.Name, one.value ?? one.Value] as const)
    : Object.entries(isObject(dimensions) ? dimensions : {});
  return Object.fromEntries(
    entries.filter(
      (entry): entry is readonly [string, string] => typeof entry[0] === 'string' && typeof entry[1] === 'string',
    ),
  );
};

const metricOf = (name: string | undefined, metric: Fields, namespaceKey: string, dimensionsKey: string) =>
  name === undefined
    ? undefined
    : {
        name,
        namespace: optionalText(metric, namespaceKey) ?? '',
        dimensions: dimensionsOf(metric[dimensionsKey]),
      };

/** `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`; what SNS calls `Region` is a name for people: `EU (Ireland)`. */
const placeOf = (account: string, arn: string | undefined, region: string | undefined): string =>
  `${account}/${arn?.split(':')[3] ?? region ?? 'unknown'}`;

/**
 * The message of a CloudWatch alarm on SNS, parsed: of a metric alarm with its `Trigger`, of a composite one without.
 *
 * @throws Error saying what is not there.
 */
export const alarmChangeOfSns = (message: unknown): AlarmChange => {
  if (!isObject(message)) throw new Error('an alarm on SNS is a JSON object');
  const trigger = isObject(message.Trigger) ? message.Trigger : {};
  const account = textOf(message, 'AWSAccountId');
  return {
    alarm: textOf(message, 'AlarmName'),
    place: placeOf(account, optionalText(message, 'AlarmArn'), optionalText(message, 'Region')),
    state: stateOf(message, 'NewStateValue'),
    before: stateOf(message, 'OldStateValue'),
    reason: textOf(message, 'NewStateReason'),
    at: instantOf(message, 'StateChangeTime'),
    ...given('description', optionalText(message, 'AlarmDescription')),
    ...given('metric', metricOf(optionalText(trigger, 'MetricName'), trigger, 'Namespace', 'Dimensions')),
  };
};

/** Of an alarm over one metric: an expression speaks of several. */
const metricOfConfiguration = (configuration: Fields): AlarmChange['metric'] => {
  const metrics = Array.isArray(configuration.metrics) ? configuration.metrics.filter(isObject) : [];
  const [only] = metrics;
  if (!only || metrics.length > 1 || !isObject(only.metricStat)) return undefined;
  const metric = childOf(only.metricStat, 'metric');
  return metricOf(optionalText(metric, 'name'), metric, 'namespace', 'dimensions');
};

/**
 * An event `CloudWatch Alarm State Change` of EventBridge.
 *
 * @throws Error saying what is not there.
 */
export const alarmChangeOfEvent = (event: Fields): AlarmChange => {
  const detail = childOf(event, 'detail');
  const state = childOf(detail, 'state');
  const before = childOf(detail, 'previousState');
  const configuration = isObject(detail.configuration) ? detail.configuration : {};
  return {
    alarm: textOf(detail, 'alarmName'),
    place: `${textOf(event, 'account')}/${textOf(event, 'region')}`,
    state: stateOf(state, 'value'),
    before: stateOf(before, 'value'),
    reason: textOf(state, 'reason'),
    at: instantOf(state, 'timestamp'),
    ...given('beforeSince', optionalText(before, 'timestamp') && instantOf(before, 'timestamp')),
    ...given('description', optionalText(configuration, 'description')),
    ...given('metric', metricOfConfiguration(configuration)),
  };
};

/** One price of AWS. */
type Price = {
  /** US dollars for `per` units. */
  readonly usd: number;
  readonly per: number;
  readonly unit: string;
  /** From so many units a month on, it is this. Ascending; absent: one price for all, or for all that a plan can reach. */
  readonly tiers?: readonly { readonly from: number; readonly usd: number }[];
  /** Units a month that every account has free of charge, for good. */
  readonly freeUnits?: number;
  /** The page of AWS that says so. */
  readonly source: string;
};

/** Where and when these prices held. */
export const priceTable = { region: 'us-east-1', date: '2026-11-20' } as const;

const million = 1_000_000;

/**
 * What AWS asks, on demand, without discounts and taxes. The one place where a price stands: to bring it up to date, go
 * through the sources, and change the date above.
 */
export const prices = {
  computeGbSecond: {
    usd: 0.0000133334,
    per: 1,
    unit: 'GB-s',
    freeUnits: 400_000,
    source: 'AWS Lambda pricing: duration, Arm, first 7.5 billion GB-seconds',
  },
  invocation: {
    usd: 0.2,
    per: million,
    unit: 'invocations',
    freeUnits: million,
    source: 'AWS Lambda pricing: requests',
  },
  scheduledFire: {
    usd: 1,
    per: million,
    unit: 'fires',
    freeUnits: 14 * million,
    source: 'Amazon EventBridge pricing: Scheduler invocations',
  },
  customEvent: { usd: 1, per: million, unit: 'events', source: 'Amazon EventBridge pricing: custom events' },
  stateTransition: {
    usd: 0.025,
    per: 1000,
    unit: 'state transitions',
    freeUnits: 4_000,
    source: 'AWS Step Functions pricing: Standard Workflows, state transitions',
  },
  queueRequest: {
    usd: 0.4,
    per: million,
    unit: 'queue requests',
    freeUnits: million,
    source: 'Amazon SQS pricing: standard queues',
  },
  publish: {
    usd: 0.5,
    per: million,
    unit: 'publishes',
    freeUnits: million,
    source: 'Amazon SNS pricing: standard topics, API requests',
  },
  writeUnit: {
    usd: 0.625,
    per: million,
    unit: 'write units',
    source: 'Amazon DynamoDB on-demand pricing: write request units, each of a kilobyte',
  },
  readUnit: {
    usd: 0.125,
    per: million,
    unit: 'read units',
    source: 'Amazon DynamoDB on-demand pricing: read request units, each of four kilobytes',
  },
  tableGbMonth: {
    usd: 0.25,
    per: 1,
    unit: 'GB-months in the table',
    freeUnits: 25,
    source: 'Amazon DynamoDB on-demand pricing: storage, standard class',
  },
  recoveryGbMonth: {
    usd: 0.2,
    per: 1,
    unit: 'GB-months of recovery',
    source: 'Amazon DynamoDB on-demand pricing: point-in-time recovery',
  },
  objectPut: { usd: 0.005, per: 1000, unit: 'PUTs', source: 'Amazon S3 pricing: standard, PUT, COPY, POST, LIST' },
  objectGet: { usd: 0.0004, per: 1000, unit: 'GETs', source: 'Amazon S3 pricing: standard, GET and all others' },
  bucketGbMonth: {
    usd: 0.023,
    per: 1,
    unit: 'GB-months in the bucket',
    source: 'Amazon S3 pricing: standard, first 50 TB',
  },
  logGb: {
    usd: 0.5,
    per: 1,
    unit: 'GB logged',
    freeUnits: 5,
    source: 'Amazon CloudWatch pricing: logs of Lambda, ingestion, first tier',
  },
  logGbMonth: { usd: 0.03, per: 1, unit: 'GB-months of logs', source: 'Amazon CloudWatch pricing: logs, archive' },
  // A metric is billed by the hour, for hours in which it got data ("metered only when you send").
  metricMonth: {
    usd: 0.3,
    per: 1,
    unit: 'metric-months',
    tiers: [
      { from: 10_000, usd: 0.1 },
      { from: 250_000, usd: 0.05 },
      { from: million, usd: 0.02 },
    ],
    freeUnits: 10,
    source: 'Amazon CloudWatch pricing: custom metrics',
  },
  metricRequest: {
    usd: 0.01,
    per: 1000,
    unit: 'metric requests',
    freeUnits: million,
    source: 'Amazon CloudWatch pricing: API requests, PutMetricData',
  },
  alarmMonth: {
    usd: 0.1,
    per: 1,
    unit: 'alarms',
    freeUnits: 10,
    source: 'Amazon CloudWatch pricing: standard resolution alarms, for each metric',
  },
  compositeMonth: { usd: 0.5, per: 1, unit: 'composite alarms', source: 'Amazon CloudWatch pricing: composite alarms' },
  dashboardMonth: {
    usd: 3,
    per: 1,
    unit: 'dashboards',
    freeUnits: 3,
    source: 'Amazon CloudWatch pricing: custom dashboards',
  },
  keyMonth: { usd: 1, per: 1, unit: 'keys', source: 'AWS KMS pricing: customer managed keys' },
  keyRequest: { usd: 0.03, per: 10_000, unit: 'key requests', freeUnits: 20_000, source: 'AWS KMS pricing: requests' },
  secretRequest: { usd: 0.05, per: 10_000, unit: 'secret requests', source: 'AWS Secrets Manager pricing: API calls' },
  egressGb: {
    usd: 0.09,
    per: 1,
    unit: 'GB sent',
    freeUnits: 100,
    source: 'Amazon EC2 pricing: data transfer out to the internet, first 10 TB',
  },
  canaryRun: {
    usd: 0.0012,
    per: 1,
    unit: 'runs',
    freeUnits: 100,
    source: 'Amazon CloudWatch pricing: Synthetics, canary runs',
  },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;
export type Prices = Readonly<Record<PriceName, Price>>;

/** How much of what is bought. */
export type Quantities = { readonly [Name in PriceName]?: number };

/** Rings up one purchase after another of one month: tiers and free units are used up on the way. */
export type Till = (name: PriceName, quantity: number) => number;

type Band = { readonly from: number; readonly usdPerUnit: number };

const bandsOf = ({ usd, per, tiers = [], freeUnits = 0 }: Price, freeTier: boolean): readonly Band[] => {
  const free = freeTier ? freeUnits : 0;
  const paid = [{ from: 0, usd }, ...tiers].map((tier) => ({
    from: Math.max(tier.from, free),
    usdPerUnit: tier.usd / per,
  }));
  return free > 0 ? [{ from: 0, usdPerUnit: 0 }, ...paid] : paid;
};

/** `freeTier`: take off what is free for good. */
export const openTill = (table: Prices, freeTier: boolean): Till => {
  const bought = new Map<PriceName, number>();
  return (name, quantity) => {
    const before = bought.get(name) ?? 0;
    bought.set(name, before + quantity);
    return bandsOf(table[name], freeTier)
      .map(({ from, usdPerUnit }, index, bands) => {
        const to = bands[index + 1]?.from ?? Number.POSITIVE_INFINITY;
        return usdPerUnit * Math.max(0, Math.min(before + quantity, to) - Math.max(before, from));
      })
      .reduce((sum, usd) => sum + usd, 0);
  };
};

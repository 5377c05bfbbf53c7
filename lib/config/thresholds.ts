import { formatDurationMs, parseDuration } from './duration.ts';
import { type Parsed, parsed, refused } from './parsed.ts';
import { parsePercent } from './percent.ts';
import type { Threshold, ThresholdMetric } from './plan.ts';

/*
 * Thresholds in k6's spelling, with units. Blanks are allowed between the three parts.
 *
 *   threshold   = metric operator value
 *
 *   metric      = latency / rate
 *   latency     = "p(" percentile ")" / "avg" / "min" / "med" / "max"
 *   percentile  = number                    ; over 0, under 100: p(50), p(99.9)
 *   rate        = "failed" / "checks"
 *
 *   operator    = "<" / "<=" / ">" / ">=" / "==" / "!="
 *
 *   value       = milliseconds              ; after a latency
 *               / fraction                  ; after a rate
 *   milliseconds = number                   ; k6's own: p(95)<400
 *               / duration                  ; 400ms, 1.5s, 1m
 *   fraction    = number "%"                ; 0% to 100%
 *               / number                    ; k6's own, 0 to 1: failed<0.01
 *
 *   number      = 1*DIGIT [ "." 1*DIGIT ]
 *
 * k6's `rate<0.01` and `count>100` name no metric of ours: a check can fail for two reasons that we keep apart.
 */
const threshold = /^([a-z_][a-z_0-9]*)\s*(?:\(([^)]*)\))?\s*(<=|>=|==|!=|<|>)\s*(\S.*)$/i;
const number = /^\d+(?:\.\d+)?$/;

export const thresholdRemedy =
  "write a metric, an operator and a limit, such as 'p(95)<400', 'avg<200ms', 'failed<1%' or 'checks>99%'";

const named = ['avg', 'min', 'med', 'max', 'failed', 'checks'] as const;
const isNamed = (name: string): name is (typeof named)[number] => named.some((known) => known === name);

const parseMetric = (name: string, argument: string | undefined): Parsed<ThresholdMetric> => {
  if (name === 'p') {
    const percentile = number.test(argument?.trim() ?? '') ? Number(argument) : Number.NaN;
    return percentile > 0 && percentile < 100
      ? parsed({ kind: 'percentile', percentile })
      : refused(`p(${argument ?? ''}) is no percentile: it must be over 0 and under 100, such as p(95)`);
  }
  if (argument !== undefined) return refused(`${name} takes no brackets`);
  if (isNamed(name)) return parsed({ kind: name });
  if (name === 'rate' || name === 'count') {
    return refused(`${name} is no metric here: write failed<1% for requests that failed, or checks>99% for checks`);
  }
  if (/^p\d/.test(name)) return refused(`${name} is no metric: write p(${name.slice(1)})`);
  return refused(`${name} is no metric: the metrics are p(N), ${named.join(', ')}`);
};

const isRate = (metric: ThresholdMetric): boolean => metric.kind === 'failed' || metric.kind === 'checks';

const parseFraction = (text: string): Parsed<number> => {
  const fraction = number.test(text) ? parsed(Number(text)) : parsePercent(text);
  if (!fraction.ok) return refused(`${text} is no share: write 1% or 0.01`);
  if (fraction.value <= 1) return fraction;
  return refused(`${text} is over 100 %${text.endsWith('%') ? '' : `: for per cent write ${text}%`}`);
};

const parseLatency = (text: string): Parsed<number> => {
  if (number.test(text)) return parsed(Number(text));
  // Fractions of a millisecond are kept here, where a duration elsewhere is rounded.
  const fine = /^(\d+(?:\.\d+)?)\s*ms$/.exec(text)?.[1];
  if (fine !== undefined) return parsed(Number(fine));
  const duration = parseDuration(text.replace(/\s+/g, ''));
  return duration.ok
    ? duration
    : refused(`${text} is no latency: write milliseconds, or a duration such as 400ms or 1.5s`);
};

/** One threshold; latencies become milliseconds, rates fractions. Never throws. */
export const parseThreshold = (source: string): Parsed<Threshold> => {
  const text = source.trim();
  const match = threshold.exec(text);
  if (!match) return refused('is not a threshold');
  const [, name = '', argument, op = '', limit = ''] = match;
  const metric = parseMetric(name, argument);
  if (!metric.ok) return metric;
  const value = isRate(metric.value) ? parseFraction(limit) : parseLatency(limit);
  if (!value.ok) return value;
  if (!Number.isFinite(value.value)) return refused(`${limit} is too large`);
  return parsed({ source: text, metric: metric.value, op: op as Threshold['op'], value: value.value });
};

const formatMetric = (metric: ThresholdMetric): string =>
  metric.kind === 'percentile' ? `p(${metric.percentile})` : metric.kind;

/** The canonical spelling: `p(95)<400`, `failed<1%`. Parsing it gives the same threshold. */
export const formatThreshold = ({ metric, op, value }: Omit<Threshold, 'source'>): string => {
  if (!isRate(metric)) return `${formatMetric(metric)}${op}${plain(value)}`;
  const percent = `${plain(Number(`${value}e2`))}%`;
  const back = parsePercent(percent);
  // A fraction with too many digits for a percentage stays a fraction.
  return `${formatMetric(metric)}${op}${back.ok && back.value === value ? percent : plain(value)}`;
};

/** Digits without an exponent, which the grammar does not know. */
const plain = (value: number): string => {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
};

/** The limit with its unit, for reports: `400ms`, `1%`. */
export const formatLimit = ({ metric, value }: Pick<Threshold, 'metric' | 'value'>): string =>
  isRate(metric)
    ? `${plain(Number((value * 100).toPrecision(12)))}%`
    : value >= 1000 && Number.isInteger(value)
      ? formatDurationMs(value)
      : `${plain(value)}ms`;

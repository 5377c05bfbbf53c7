/** Counters and gauges in the Prometheus text format 0.0.4. */
export type Metrics = {
  count(name: CounterName, labels?: Readonly<Record<string, string>>): void;
  render(gauges: Readonly<Record<GaugeName, number>>): string;
};

const COUNTERS = {
  notes_http_requests_total: 'HTTP requests answered, by method and status.',
  notes_logins_refused_total: 'Logins refused, by reason.',
  notes_ws_frames_sent_total: 'Event frames sent to websocket clients.',
  notes_stale_acks_total: 'Acks refused because they would have moved a cursor backward.',
} as const;

const GAUGES = {
  process_start_time_seconds: 'Start time of the process, in seconds since the epoch.',
  notes_events: 'Events in the log.',
  notes_stored: 'Notes in the live projection.',
  notes_request_log_entries: 'Entries written to the request log.',
  notes_ws_connections: 'Open websocket connections.',
  notes_log_fsyncs: 'Fsyncs of the log since the start.',
} as const;

export type CounterName = keyof typeof COUNTERS;
export type GaugeName = keyof typeof GAUGES;

export function createMetrics(): Metrics {
  const series = new Map<CounterName, Map<string, number>>();
  return {
    count(name, labels = {}) {
      const values = series.get(name) ?? new Map<string, number>();
      series.set(name, values);
      const key = renderLabels(labels);
      values.set(key, (values.get(key) ?? 0) + 1);
    },
    render(gauges) {
      const lines: string[] = [];
      for (const [name, help] of Object.entries(GAUGES)) {
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${gauges[name as GaugeName]}`);
      }
      for (const [name, help] of Object.entries(COUNTERS)) {
        const values = series.get(name as CounterName) ?? new Map([['', 0]]);
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
        for (const [labels, value] of values) lines.push(`${name}${labels} ${value}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, '_')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

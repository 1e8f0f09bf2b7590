/** A figure of the board: what it is called, its unit as Grafana names it, what to know of it, and a query per line by its legend. */
export interface Panel {
  title: string;
  /** Default: none. */
  unit?: string;
  about?: string;
  /** Of the 24 columns of the board; default: that of the row. */
  width?: number;
  lines: Record<string, string>;
  /** Of one that came between others later, whose numbers stay since links to them have these; default: counted. */
  id?: number;
  /** Of a row of numbers: red from one on. */
  alarming?: true;
}

/** Panels under one heading. */
export interface Row {
  title: string;
  /** Numbers alone in place of lines over time. */
  type?: 'stat';
  /** Of a panel; default: 6. */
  width?: number;
  panels: Panel[];
}

export const ROWS: Row[] = [
  {
    title: 'At a glance',
    type: 'stat',
    width: 4,
    panels: [
      {
        title: 'Calls per second',
        unit: 'reqps',
        about: 'Invocations that ended, of all processes.',
        lines: { '': `sum(${rate('kvflow_invocations_total')})` },
      },
      {
        title: 'Failed',
        unit: 'percentunit',
        about: 'Share of calls that ended with an error code.',
        lines: { '': `sum(${failures()}) / sum(${rate('kvflow_invocations_total')})` },
      },
      {
        title: 'Without NATS',
        about: 'Processes that have no connection to NATS.',
        lines: { '': `count(${of('kvflow_nats_connected')} == 0) or vector(0)` },
        alarming: true,
      },
      {
        title: 'Unfinished calls of identify',
        about: 'Parts of calls that are still to be finished.',
        lines: { '': 'sum(max by (destination) (kvflow_recognition_pending)) or vector(0)' },
      },
      {
        title: 'Dead letters',
        about: 'Events that could not be stored.',
        lines: { '': 'sum(max by (destination) (kvflow_recognition_dead_letters)) or vector(0)' },
        alarming: true,
      },
      {
        title: 'Damaged buckets',
        about: 'Buckets that have lost revisions.',
        lines: { '': 'count(max by (bucket) (kvflow_bucket_damaged)) or vector(0)' },
        alarming: true,
      },
    ],
  },
  {
    title: 'Calls',
    width: 8,
    panels: [
      {
        title: 'Calls by function',
        unit: 'reqps',
        lines: { '{{function}}': `sum by (function) (${rate('kvflow_invocations_total')})` },
      },
      {
        title: 'Errors by code',
        unit: 'reqps',
        about: 'docs/errors.md tells what each means.',
        lines: {
          '{{code}}': `sum by (code) (${failures()})`,
          '{{code}} (refused before the call)': `sum by (code) (${rate('kvflow_http_refused_total')})`,
        },
      },
      {
        title: 'In flight',
        about: 'Invocations that are running.',
        lines: { '{{instance}}': of('kvflow_invocations_in_flight') },
      },
      {
        title: 'Latency of all calls',
        unit: 's',
        width: 12,
        lines: {
          half: quantile(0.5, 'le', 'kvflow_invocation_duration_seconds'),
          '95 of 100': quantile(0.95, 'le', 'kvflow_invocation_duration_seconds'),
          '99 of 100': quantile(0.99, 'le', 'kvflow_invocation_duration_seconds'),
        },
      },
      {
        title: 'Slowest functions',
        unit: 's',
        about: 'What 99 of 100 calls stay below; the ten slowest.',
        width: 12,
        lines: {
          '{{function}}': `topk(10, ${quantile(0.99, 'function, le', 'kvflow_invocation_duration_seconds')})`,
        },
      },
    ],
  },
  {
    title: 'NATS and stores',
    width: 5,
    panels: [
      { title: 'Connected to NATS', lines: { '{{instance}}': of('kvflow_nats_connected') } },
      {
        title: 'NATS reconnects',
        about: 'How often the connection was lost and came back, an hour.',
        lines: { '{{instance}}': increase('kvflow_nats_reconnects_total', '1h') },
      },
      {
        title: 'Store warnings and damage',
        about: 'GET /readyz tells the warnings in words.',
        lines: {
          'warnings {{instance}}': of('kvflow_store_warnings'),
          'damaged {{bucket}}': 'max by (bucket) (kvflow_bucket_damaged)',
        },
      },
      {
        title: 'Fill of buckets with a limit',
        id: 33,
        unit: 'percentunit',
        about: 'GET /readyz tells the warnings in words.',
        lines: {
          '{{bucket}}': `max by (bucket) (${of('kvflow_bucket_bytes')} / ${of('kvflow_bucket_limit_bytes')})`,
        },
      },
      {
        title: 'Until a bucket is full',
        id: 34,
        unit: 's',
        about: 'GET /readyz tells the warnings in words.',
        width: 4,
        lines: { '{{bucket}}': `min by (bucket) (${of('kvflow_bucket_full_in_seconds')})` },
      },
    ],
  },
  {
    title: 'Scripts',
    panels: [
      {
        title: 'Events through scripts',
        unit: 'reqps',
        lines: { '{{instance}}': `sum by (instance) (${rate('kvflow_script_events_total')})` },
      },
      {
        title: 'Script workers',
        lines: {
          '{{instance}}': of('kvflow_script_workers'),
          '{{instance}} events under way': of('kvflow_script_events_under_way'),
        },
      },
      {
        title: 'Workers restarted',
        about: 'Killed, by reason, and replaced in time; in ten minutes.',
        lines: {
          'killed: {{reason}}': `sum by (reason) (${increase('kvflow_script_workers_killed_total', '10m')})`,
          'replaced in time': `sum(${increase('kvflow_script_workers_recycled_total', '10m')})`,
          started: `sum(${increase('kvflow_script_workers_started_total', '10m')})`,
        },
      },
      {
        title: 'Conflicts and parked scripts',
        about: 'In ten minutes.',
        lines: {
          'runs that began again': `sum(${increase('kvflow_script_conflicts_total', '10m')})`,
          'scripts refused for a while': `sum(${increase('kvflow_script_parked_total', '10m')})`,
        },
      },
    ],
  },
  {
    title: 'Recognition',
    panels: [
      {
        title: 'Events',
        unit: 'reqps',
        lines: { '{{destination}}': `sum by (destination) (${rate('kvflow_recognition_events_total')})` },
      },
      {
        title: 'Recognized and amended',
        unit: 'reqps',
        about: 'Anonymous events that got an identity; rows that the warehouse changed.',
        lines: {
          'recognized {{destination}}': `sum by (destination) (${rate('kvflow_recognition_recognized_total')})`,
          'amended {{destination}}': `sum by (destination) (${rate('kvflow_recognition_amended_rows_total')})`,
        },
      },
      {
        title: 'Pending, dead and failed',
        lines: {
          'pending {{destination}}': 'max by (destination) (kvflow_recognition_pending)',
          'dead letters {{destination}}': 'max by (destination) (kvflow_recognition_dead_letters)',
          'failed in ten minutes {{destination}}': `sum by (destination) (${increase('kvflow_recognition_failed_events_total', '10m')})`,
        },
      },
      {
        title: 'Time to amend',
        unit: 's',
        about: 'How long the warehouse takes to amend up to 1,000 rows.',
        lines: {
          '95 of 100, {{destination}}': quantile(0.95, 'destination, le', 'kvflow_recognition_amend_seconds'),
        },
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'Memory',
        unit: 'bytes',
        about: 'Without the workers of scripts.',
        lines: {
          '{{instance}}': of('process_resident_memory_bytes', 'job="kvflow"'),
          'flows {{instance}}': of('kvflow_flows_resident_bytes'),
        },
      },
      {
        title: 'CPU',
        about: '1 is one core.',
        lines: { '{{instance}}': rate('process_cpu_seconds_total', 'job="kvflow"') },
      },
      {
        title: 'Event loop lag',
        unit: 's',
        lines: { '{{instance}}': of('nodejs_eventloop_lag_p99_seconds', 'job="kvflow"') },
      },
      {
        title: "Flows' process",
        lines: {
          'answers {{instance}}': of('kvflow_flows_up'),
          'flows run {{instance}}': of('kvflow_flows_running'),
          'safe mode {{instance}}': of('kvflow_flows_safe_mode'),
          'restarts an hour {{instance}}': increase('kvflow_flows_restarts_total', '1h'),
        },
      },
    ],
  },
];

/** The metric of the processes that are chosen at the top of the board. */
function of(metric: string, ...only: string[]): string {
  return `${metric}{${['instance=~"$instance"', ...only].join()}}`;
}

function rate(metric: string, ...only: string[]): string {
  return `rate(${of(metric, ...only)}[$__rate_interval])`;
}

function failures(): string {
  return rate('kvflow_invocations_total', 'code!="OK"');
}

function increase(metric: string, time: string): string {
  return `increase(${of(metric)}[${time}])`;
}

function quantile(share: number, by: string, metric: string): string {
  return `histogram_quantile(${share}, sum by (${by}) (${rate(`${metric}_bucket`)}))`;
}

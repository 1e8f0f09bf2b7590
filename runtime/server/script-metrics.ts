/** What became of the workers that run scripts, as the sandbox counts it. */
export interface ScriptStats {
  workers: number;
  underWay: number;
  started: number;
  /** Workers that were ended, by reason. */
  killed: Record<string, number>;
  recycled: number;
  quarantined: number;
  events: number;
  conflicts: number;
}

/** Prometheus' text format; nothing before the first script has run. */
export function scriptMetricsText(stats: ScriptStats | undefined): string {
  if (!stats) return '';
  const lines = [
    ...metric('kvflow_script_workers', 'gauge', 'Workers that run scripts.', stats.workers),
    ...metric(
      'kvflow_script_events_under_way',
      'gauge',
      'Events that run or wait for a worker.',
      stats.underWay,
    ),
    ...metric('kvflow_script_workers_started_total', 'counter', 'Workers that were started.', stats.started),
    ...metric(
      'kvflow_script_workers_recycled_total',
      'counter',
      'Workers that were replaced in time.',
      stats.recycled,
    ),
    ...metric(
      'kvflow_script_parked_total',
      'counter',
      'Scripts that were refused for a while.',
      stats.quarantined,
    ),
    ...metric('kvflow_script_events_total', 'counter', 'Events that scripts have run over.', stats.events),
    ...metric(
      'kvflow_script_conflicts_total',
      'counter',
      'Runs that began again after a conflict.',
      stats.conflicts,
    ),
    '# HELP kvflow_script_workers_killed_total Workers that were ended, by reason.',
    '# TYPE kvflow_script_workers_killed_total counter',
    ...Object.entries(stats.killed).map(
      ([why, count]) => `kvflow_script_workers_killed_total{reason="${why}"} ${count}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function metric(name: string, type: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}

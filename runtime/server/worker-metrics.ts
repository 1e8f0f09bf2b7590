/** How the processes fare that answer calls behind one port. */
export interface WorkerFigures {
  /** Those that listen. */
  workers: number;
  /** How often one ended by itself and was replaced. */
  restarts: number;
}

/** Prometheus' text of it; empty where the server was not told. */
export function workerMetricsText(figures: WorkerFigures | undefined): string {
  if (!figures) return '';
  const { workers, restarts } = figures;
  const lines = [
    '# HELP kvflow_server_workers Processes that answer calls.',
    '# TYPE kvflow_server_workers gauge',
    `kvflow_server_workers ${workers}`,
    '# HELP kvflow_server_worker_restarts_total How often one of them ended by itself and was replaced.',
    '# TYPE kvflow_server_worker_restarts_total counter',
    `kvflow_server_worker_restarts_total ${restarts}`,
  ];
  return `${lines.join('\n')}\n`;
}

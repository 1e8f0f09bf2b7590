/** How kvflow's connection to NATS fares, for metrics. */
export interface NatsFigures {
  connected: boolean;
  /** How often it was lost and came back, since the start. */
  reconnects: number;
}

/** Prometheus' text of it; empty where the server was not told. */
export function natsMetricsText(figures: NatsFigures | undefined): string {
  if (!figures) return '';
  const lines = [
    '# HELP kvflow_nats_connected Whether NATS is connected (1) or lost (0).',
    '# TYPE kvflow_nats_connected gauge',
    `kvflow_nats_connected ${Number(figures.connected)}`,
    '# HELP kvflow_nats_reconnects_total How often the connection to NATS was lost and came back.',
    '# TYPE kvflow_nats_reconnects_total counter',
    `kvflow_nats_reconnects_total ${figures.reconnects}`,
  ];
  return `${lines.join('\n')}\n`;
}

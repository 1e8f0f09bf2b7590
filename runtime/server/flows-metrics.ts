import type { FlowsStatus } from '../../contract/flows-status.ts';

/** Prometheus' text format; nothing where node-red is not installed. */
export function flowsMetricsText(status: FlowsStatus | undefined): string {
  if (!status) return '';
  const { state, mode, flows_running, restarts, resident_bytes } = status;
  const lines = [
    ...metric('kvflow_flows_up', 'gauge', "Whether the flows' process answers.", Number(state === 'running')),
    ...metric('kvflow_flows_running', 'gauge', 'Whether flows run in it.', Number(flows_running)),
    ...metric(
      'kvflow_flows_safe_mode',
      'gauge',
      'Whether it was started in safe mode.',
      Number(mode === 'safe'),
    ),
    ...metric('kvflow_flows_restarts_total', 'counter', 'How often it ended by itself.', restarts),
    ...(resident_bytes === undefined
      ? []
      : metric('kvflow_flows_resident_bytes', 'gauge', 'Memory that it has.', resident_bytes)),
  ];
  return `${lines.join('\n')}\n`;
}

function metric(name: string, type: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}

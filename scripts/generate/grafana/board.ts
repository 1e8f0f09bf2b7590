import { type Panel, ROWS, type Row } from './rows.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana puts what was chosen there
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const RED_FROM_ONE = {
  mode: 'absolute',
  steps: [
    { color: 'green', value: null },
    { color: 'red', value: 1 },
  ],
};
const OPTIONS = {
  stat: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value' },
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
};

/** deploy/grafana/kvflow.json: the board for Grafana, of the rows of `rows.ts`. */
export function grafanaBoard(): object {
  return {
    uid: 'kvflow',
    title: 'kvflow',
    tags: ['kvflow'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        {
          name: 'instance',
          type: 'query',
          label: 'Process',
          datasource: DATASOURCE,
          query: { query: 'label_values(kvflow_invocations_in_flight, instance)', refId: 'instance' },
          refresh: 2,
          multi: true,
          includeAll: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    annotations: { list: [] },
    panels: placed(),
  };
}

/** Below each heading its panels, from left to right; what does not fit beside the others begins a new line. */
function placed(): object[] {
  let y = 0;
  let id = 0;
  return ROWS.flatMap(row => {
    const height = row.type === 'stat' ? 4 : 8;
    id += 1;
    const heading = {
      id,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: 24, x: 0, y },
    };
    y += 1;
    let x = 0;
    const below = row.panels.map(panel => {
      const w = panel.width ?? row.width ?? 6;
      if (x + w > 24) [x, y] = [0, y + height];
      const gridPos = { h: height, w, x, y };
      x += w;
      if (panel.id === undefined) id += 1;
      return { id: panel.id ?? id, ...panelOf(row, panel, gridPos) };
    });
    y += height;
    return [heading, ...below];
  });
}

function panelOf(
  row: Row,
  { title, unit = 'none', about = '', lines, alarming }: Panel,
  gridPos: object,
): object {
  return {
    type: row.type ?? 'timeseries',
    title,
    description: about,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: { unit, min: 0, ...(alarming && { thresholds: RED_FROM_ONE }) },
      overrides: [],
    },
    targets: Object.entries(lines).map(([legendFormat, expr], index) => ({
      refId: 'ABCDEFGH'.charAt(index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
    options: OPTIONS[row.type ?? 'timeseries'],
  };
}

import '@mantine/charts/styles.css';
import { LineChart, type LineChartProps } from '@mantine/charts';
import { SimpleGrid } from '@mantine/core';
import { Muted } from '../../components/muted.tsx';
import { Panel } from '../../components/panel.tsx';
import type { Point } from './counts.ts';

const EVENTS = [
  { name: 'anonymous', label: 'Anonymous', color: 'gray.6' },
  { name: 'identified', label: 'Identified', color: 'blue.6' },
  { name: 'recognized', label: 'Recognized', color: 'teal.6' },
  { name: 'late', label: 'Late', color: 'orange.6', strokeDasharray: '5 4' },
  { name: 'robots', label: 'Robots', color: 'grape.5', strokeDasharray: '2 3' },
];
const LATENCY = [
  { name: 'average', label: 'On average', color: 'blue.6' },
  { name: 'most', label: 'Nineteen of twenty, at most', color: 'orange.6', strokeDasharray: '5 4' },
];
const COLORS = ['blue.6', 'orange.6', 'teal.6', 'grape.5', 'red.6', 'cyan.6', 'lime.7', 'indigo.5'];

/** What happened while the page was open. Loaded when there is something to draw. */
export default function Charts({
  points,
  pending,
  names,
}: {
  points: Point[];
  pending: Record<string, string | number>[];
  names: string[];
}) {
  const waiting = names
    .filter(name => name !== 'none')
    .map((name, index) => ({ name, label: name, color: COLORS[index % COLORS.length] ?? 'blue.6' }));
  const sum = (field: 'anonymous' | 'identified' | 'recognized') =>
    points.some(point => point[field] > 0) ? field : undefined;
  const busy = [sum('anonymous'), sum('identified'), sum('recognized')].filter(Boolean).join(', ');
  return (
    <>
      <Chart
        title="Events per second"
        label={`Events per second over time: ${busy === '' ? 'none just now' : busy}`}
        data={points}
        series={EVENTS}
        height={260}
      />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Chart
          title="Pending calls"
          label={`Pending calls over time, by destination: ${waiting.map(({ name }) => `${name} ${pending.at(-1)?.[name] ?? 0}`).join(', ')}`}
          data={pending}
          series={waiting}
          height={200}
        />
        <Chart
          title="Milliseconds to amend up to 1,000 rows"
          label="Milliseconds to amend rows over time"
          data={points}
          series={LATENCY}
          height={200}
          withDots
        />
      </SimpleGrid>
    </>
  );
}

interface ChartProps {
  title: string;
  /** What it shows, for those who cannot see it. */
  label: string;
  data: object[];
  series: LineChartProps['series'];
  height: number;
  withDots?: boolean;
}

function Chart({ title, label, data, series, height, withDots = false }: ChartProps) {
  return (
    <Panel title={title}>
      {series.length === 0 ? (
        <Muted>No destination was used.</Muted>
      ) : (
        <LineChart
          role="img"
          aria-label={label}
          h={height}
          data={data}
          dataKey="time"
          series={series}
          curveType="monotone"
          withDots={withDots}
          withLegend
          connectNulls={false}
          yAxisProps={{ domain: [0, (top: number) => Math.max(1, top)], allowDecimals: true, width: 48 }}
          xAxisProps={{ minTickGap: 48 }}
          lineChartProps={{ accessibilityLayer: false }}
          lineProps={{ isAnimationActive: false }}
          legendProps={{ verticalAlign: 'bottom', height: 36 }}
        />
      )}
    </Panel>
  );
}

import { ValueType } from '@opentelemetry/api';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { Family, Sample } from '../core/metrics/parse.ts';

/** When the counting began and what time it is, in epoch milliseconds. */
interface Times {
  began: number;
  now: number;
}

const LABEL = /(\w+)="((?:\\.|[^"\\])*)"/g;

/** A family of samples as OpenTelemetry has it; none where it has no samples. Counters lose `_total`, which Prometheus adds. */
export function dataOf(family: Family, times: Times): MetricData[] {
  const { name, help: description, type, samples } = family;
  if (samples.length === 0) return [];
  const descriptor = {
    name: type === 'counter' ? name.replace(/_total$/, '') : name,
    description,
    unit: '',
    valueType: ValueType.DOUBLE,
  };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  const numbers = () => samples.map(sample => pointOf(sample, sample.value, times));
  if (type === 'counter') {
    const dataPoints = numbers();
    return [
      { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints },
    ];
  }
  if (type === 'histogram') {
    const dataPoints = histograms(family, times);
    return [{ descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints }];
  }
  return [{ descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints: numbers() }];
}

/** Prometheus counts what is at most each bound; OpenTelemetry what is between two. */
function histograms({ name, samples }: Family, times: Times): DataPoint<Histogram>[] {
  const series = new Map<
    string,
    { first: Sample; bounds: number[]; upTo: number[]; sum: number; count: number }
  >();
  for (const sample of samples) {
    const { le, ...labels } = labelsOf(sample);
    const key = JSON.stringify(labels);
    const one = series.get(key) ?? { first: sample, bounds: [], upTo: [], sum: 0, count: 0 };
    series.set(key, one);
    if (sample.name === `${name}_sum`) one.sum = sample.value;
    else if (sample.name === `${name}_count`) one.count = sample.value;
    else if (le !== undefined && le !== '+Inf') {
      one.bounds.push(Number(le));
      one.upTo.push(sample.value);
    }
  }
  return [...series.values()].map(({ first, bounds, upTo, sum, count }) => {
    const counts = [...upTo, count].map((total, index, all) => total - (all[index - 1] ?? 0));
    return pointOf(first, { sum, count, buckets: { boundaries: bounds, counts } }, times);
  });
}

function pointOf<T>(sample: Sample, value: T, { began, now }: Times): DataPoint<T> {
  const { le: _bound, ...attributes } = labelsOf(sample);
  return { startTime: timeOf(began), endTime: timeOf(now), attributes, value };
}

function labelsOf({ labels }: Sample): Record<string, string> {
  const pairs = [...labels.matchAll(LABEL)].map(([, name = '', value = '']) => [name, value] as const);
  return Object.fromEntries(pairs);
}

function timeOf(ms: number): [seconds: number, nanos: number] {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
}

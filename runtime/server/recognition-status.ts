import type { RECOGNITION_NUMBERS, RecognitionCounts } from '../../contract/recognition-counts.ts';
import { noRecognitionCounts } from '../../contract/recognition-counts.ts';
import { parseMetrics } from '../core/metrics/parse.ts';
import { RECOGNITION_METRICS } from './recognition-metrics.ts';

const PREFIX = `${RECOGNITION_METRICS}_`;
const FIELDS: Record<string, (typeof RECOGNITION_NUMBERS)[number]> = {
  events_total: 'events',
  anonymous_total: 'anonymous',
  identified_total: 'identified',
  recognized_total: 'recognized',
  late_events_total: 'late',
  bot_events_total: 'bots',
  amended_rows_total: 'amended',
  failed_events_total: 'failed',
  pending: 'pending',
};

/**
 * The counts by destination, of all processes behind the port: read from the text of /metrics, which has them added up. Empty
 * before identify was first called.
 */
export function recognitionStatus(metrics: string): Record<string, RecognitionCounts> {
  const all = new Map<string, RecognitionCounts>();
  for (const { name, labels, value } of parseMetrics(metrics).flatMap(({ samples }) => samples)) {
    const destination = name.startsWith(PREFIX) ? labelOf(labels, 'destination') : undefined;
    if (destination === undefined) continue;
    const counts = all.get(destination) ?? noRecognitionCounts();
    all.set(destination, counts);
    addTo(counts, name.slice(PREFIX.length), { value, bound: Number(labelOf(labels, 'le')) });
  }
  return Object.fromEntries(all);
}

function addTo(counts: RecognitionCounts, name: string, { value, bound }: { value: number; bound: number }) {
  const field = FIELDS[name];
  if (field) counts[field] = value;
  if (name === 'amend_seconds_count') counts.amend.count = value;
  if (name === 'amend_seconds_sum') counts.amend.seconds = value;
  if (Number.isFinite(bound)) counts.amend.within.push([bound, value]);
}

function labelOf(labels: string, name: string): string | undefined {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
}

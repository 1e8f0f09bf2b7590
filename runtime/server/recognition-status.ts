import { RECOGNITION_METRICS } from './recognition-metrics.ts';

/** What recognition has counted of one destination since kvflow started; `none` is the one of calls without a destination. */
export interface RecognitionCounts {
  events: number;
  anonymous: number;
  identified: number;
  recognized: number;
  late: number;
  bots: number;
  amended: number;
  failed: number;
  /** Parts of calls that are still to be finished. */
  pending: number;
  amend: {
    count: number;
    /** All of them together. */
    seconds: number;
    /** How many took at most so many seconds, all shorter ones included. */
    within: [seconds: number, count: number][];
  };
}

const FIELDS: Record<string, Exclude<keyof RecognitionCounts, 'amend'>> = {
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
const LINE = new RegExp(`^${RECOGNITION_METRICS}_(\\w+)\\{([^}]*)\\} (\\S+)$`, 'gm');

/**
 * The counts by destination, of all processes behind the port: read from the text of /metrics, which has them added up. Empty
 * before identify was first called.
 */
export function recognitionStatus(metrics: string): Record<string, RecognitionCounts> {
  const all = new Map<string, RecognitionCounts>();
  for (const [, name = '', labels = '', value = ''] of metrics.matchAll(LINE)) {
    const destination = /destination="([^"]*)"/.exec(labels)?.[1];
    if (destination === undefined) continue;
    const counts = all.get(destination) ?? none();
    all.set(destination, counts);
    const field = FIELDS[name];
    if (field) counts[field] = Number(value);
    if (name === 'amend_seconds_count') counts.amend.count = Number(value);
    if (name === 'amend_seconds_sum') counts.amend.seconds = Number(value);
    const bound = Number(/le="([^"]*)"/.exec(labels)?.[1]);
    if (Number.isFinite(bound)) counts.amend.within.push([bound, Number(value)]);
  }
  return Object.fromEntries(all);
}

function none(): RecognitionCounts {
  const counts = { events: 0, anonymous: 0, identified: 0, recognized: 0, late: 0, bots: 0, amended: 0 };
  return { ...counts, failed: 0, pending: 0, amend: { count: 0, seconds: 0, within: [] } };
}

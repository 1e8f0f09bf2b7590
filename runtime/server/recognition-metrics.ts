/** What recognition counts of one destination, see `DestinationStats` of the core. */
import { AMEND_BOUNDS, type DestinationStats } from '../core/recognition-stats.ts';

/** Counts since the start by destination, and what the bucket says is unfinished; undefined: NATS was not asked, or did not answer. */
export interface RecognitionFigures {
  stats: ReadonlyMap<string, DestinationStats>;
  pending: ReadonlyMap<string, number> | undefined;
  /** Events that could not be stored and are kept, by destination. */
  dead?: ReadonlyMap<string, number> | undefined;
}

const COUNTERS: [name: string, field: Exclude<keyof DestinationStats, 'amendSeconds'>, help: string][] = [
  ['events', 'total', 'Events that identify was given.'],
  ['anonymous', 'anonymous', 'Anonymous events.'],
  ['identified', 'identified', 'Events that named their user.'],
  ['bot_events', 'bots', 'Events of robots.'],
  ['late_events', 'late', 'Anonymous events of visitors who were known already.'],
  ['recognized', 'recognized', 'Anonymous events that got an identity.'],
  ['amended_rows', 'amended', 'Rows that the warehouse changed.'],
  ['failed_events', 'failed', 'Events that could not be stored.'],
];
/** What the names of these figures begin with. */
export const RECOGNITION_METRICS = 'kvflow_recognition';
const PREFIX = RECOGNITION_METRICS;

/** Prometheus' text format; nothing before identify was first used. */
export function recognitionMetricsText(figures: RecognitionFigures | undefined): string {
  if (!figures) return '';
  const { stats, pending, dead } = figures;
  const lines = COUNTERS.flatMap(([name, field, help]) => [
    ...head(`${name}_total`, 'counter', help),
    ...[...stats].map(([to, counts]) => `${PREFIX}_${name}_total${label(to)} ${counts[field]}`),
  ]);
  lines.push(
    ...head('amend_seconds', 'histogram', 'How long the warehouse took to amend up to 1,000 rows.'),
    ...[...stats].flatMap(([to, { amendSeconds }]) => histogram(to, amendSeconds)),
  );
  if (pending) {
    lines.push(
      ...head(
        'pending',
        'gauge',
        'Parts of calls that are still to be finished, whichever process began them.',
      ),
      ...[...pending].map(([to, count]) => `${PREFIX}_pending${label(to)} ${count}`),
    );
  }
  if (dead) {
    lines.push(
      ...head(
        'dead_letters',
        'gauge',
        'Events that could not be stored, until they are replayed or dropped.',
      ),
      ...[...dead].map(([to, count]) => `${PREFIX}_dead_letters${label(to)} ${count}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

function histogram(to: string, { buckets, count, sum }: DestinationStats['amendSeconds']): string[] {
  const name = `${PREFIX}_amend_seconds`;
  return [
    ...AMEND_BOUNDS.map((bound, i) => `${name}_bucket${label(to, `,le="${bound}"`)} ${buckets[i] ?? 0}`),
    `${name}_bucket${label(to, ',le="+Inf"')} ${count}`,
    `${name}_sum${label(to)} ${sum}`,
    `${name}_count${label(to)} ${count}`,
  ];
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${PREFIX}_${name} ${help}`, `# TYPE ${PREFIX}_${name} ${type}`];
}

/** Names of destinations are letters, digits, - and _: nothing to escape. */
function label(destination: string, more = ''): string {
  return `{destination="${destination}"${more}}`;
}

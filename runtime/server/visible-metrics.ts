import type { Principal } from '../core/principal.ts';
import { matchesAny, mayUseBucket } from '../core/principal.ts';

const LABEL = /[{,](destination|bucket)="([^"]*)"/g;

/** The text of /metrics without the series of destinations and buckets that the caller may not use. */
export function visibleMetrics(text: string, who: Principal): string {
  const { buckets, destinations = ['*'] } = who;
  if (buckets.includes('*') && destinations.includes('*')) return text;
  return text
    .split('\n')
    .filter(line => line.startsWith('#') || mayBeSeen(line, who))
    .join('\n');
}

function mayBeSeen(line: string, who: Principal): boolean {
  return [...line.matchAll(LABEL)].every(([, label, name = '']) =>
    label === 'bucket' ? mayUseBucket(who, name) : matchesAny(who.destinations ?? ['*'], name),
  );
}

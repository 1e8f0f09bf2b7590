import { nanosecondsOf } from '../../../../contract/duration.ts';
import { formatBytes } from '../../lib/format.ts';

/** A kind of bucket in words, with the options that make it. */
export interface Preset {
  name: string;
  /** What it is for, and what that means. */
  about: string;
  options: Record<string, unknown>;
}

const HOUR = nanosecondsOf('hours');
const DAY = nanosecondsOf('days');

/** What buckets are mostly made for. Each is a start: every option can still be changed below. */
export const PRESETS: readonly Preset[] = [
  {
    name: 'Cache',
    about: 'In memory, every item ends after an hour; a restart of NATS empties it.',
    options: { storage: 'memory', ttl: HOUR, key_ttl: true },
  },
  {
    name: 'Session',
    about: 'On disk, an item ends a day after it was last written, or when its own ttl says so.',
    options: { storage: 'file', ttl: DAY, key_ttl: true },
  },
  {
    name: 'Configuration',
    about: 'On disk, the last 20 values of each key are kept, to be compared and brought back.',
    options: { storage: 'file', history: 20 },
  },
  {
    name: 'Counter',
    about: 'On disk, numbers that kv-key-increment adds to; the latest alone, nothing ends by itself.',
    options: { storage: 'file', history: 1 },
  },
  {
    name: 'Lock',
    about:
      'On disk, for kv-lock-acquire: each lock ends by its own ttl, so that a holder that died holds nothing.',
    options: { storage: 'file', history: 1, key_ttl: true },
  },
  {
    name: 'Queue',
    about: 'On disk, for kv-queue-push: an item that was taken and not done comes back by its ttl.',
    options: { storage: 'file', history: 1, key_ttl: true },
  },
];

/** Options that are the same for as long as the bucket lives. */
const FIXED = ['storage', 'key_encoding'];

type Properties = Record<string, { description?: string }>;

/** The properties, those that can never be changed marked as such. */
export function markFixed<P extends Properties>(properties: P): P {
  const marked = Object.entries(properties).map(([name, property]) =>
    FIXED.includes(name)
      ? [name, { ...property, description: `Cannot be changed later. ${property.description ?? ''}` }]
      : name === 'key_ttl'
        ? [name, { ...property, description: `Cannot be turned off later. ${property.description ?? ''}` }]
        : [name, property],
  );
  return Object.fromEntries(marked) as P;
}

/** What a bucket with these options takes of the cluster, in a sentence: every replica holds all of it. */
export function costOf({ storage, num_replicas, max_bytes, history }: Record<string, unknown>): string {
  const copies = typeof num_replicas === 'number' && num_replicas > 1 ? num_replicas : 1;
  const where = storage === 'memory' ? 'memory' : 'disk';
  if (typeof max_bytes === 'number' && max_bytes > 0) {
    const each = copies > 1 ? `: ${copies} replicas of ${formatBytes(max_bytes)}` : '';
    return `Takes at most ${formatBytes(max_bytes * copies)} of ${where}${each}.`;
  }
  const values = typeof history === 'number' && history > 1 ? `, up to ${history} values of each key` : '';
  const times = copies > 1 ? `, on each of ${copies} servers` : '';
  return `Takes as much ${where} as is written${values}${times}: max_bytes sets a bound.`;
}

/** What excludes another, or costs more than it seems, in sentences; nothing where all go together. */
export function warningsOf(options: Record<string, unknown>): string[] {
  const { mirror, sources, value_schema, storage, history, ttl, num_replicas } = options;
  const copies = typeof num_replicas === 'number' ? num_replicas : 1;
  const isMirror = mirror !== undefined;
  const hasSources = Array.isArray(sources) && sources.length > 0;
  const found: [boolean, string][] = [
    [isMirror && hasSources, 'A mirror cannot have sources too: give mirror or sources.'],
    [
      isMirror && value_schema !== undefined,
      'A mirror takes what its origin takes: give the origin the value_schema.',
    ],
    [
      isMirror && options.key_ttl === true,
      'A mirror ends items when its origin does: key_ttl is for the origin.',
    ],
    [
      storage === 'memory' && copies === 1,
      'In memory with one replica: a restart of the NATS server empties it.',
    ],
    [
      typeof history === 'number' && history > 1 && typeof ttl === 'number' && ttl > 0,
      'The ttl ends past values too: history reaches back no longer than it.',
    ],
    [
      copies === 2 || copies === 4,
      `${copies} replicas survive no more servers than ${copies - 1} would: choose 1, 3 or 5.`,
    ],
  ];
  return found.filter(([holds]) => holds).map(([, text]) => text);
}

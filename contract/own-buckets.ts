/** The buckets that kvflow keeps its own state in: their names stand here and nowhere else. */
import type { BucketInfo, BucketOptions } from './types.gen.ts';

/** Answers of calls with an Idempotency-Key. */
export const IDEMPOTENCY_BUCKET = 'kvflow_idempotency';
/** Tickets that stand for an API key once. */
export const TICKETS_BUCKET = 'kvflow_tickets';
/** Stored scripts of transform: each is a key, its history are its versions. */
export const SCRIPTS_BUCKET = 'transform_scripts';
/** Every version of every script, by its number in its script, and the names of versions. */
export const SCRIPT_VERSIONS_BUCKET = 'transform_versions';
/** Secrets of scripts, encrypted. */
export const SECRETS_BUCKET = 'transform_secrets';
/** Answers that scripts fetched and asked to be kept. */
export const FETCH_BUCKET = 'transform_fetch';
/** State of scripts (`$kv`), unless a call or TRANSFORM_KV_BUCKET names another. */
export const SCRIPT_STATE_BUCKET = 'transform_kv';
/** Remembered events and identities, unless a call of identify names another. */
export const EVENTS_BUCKET = 'anonymous_events';
/** Calls of identify that must be finished, whoever began them: one entry for each part of a call. */
export const PENDING_BUCKET = 'recognition_pending';
/** What identify amended, for identify-undo. */
export const AUDIT_BUCKET = 'recognition_audit';
/** Who finishes which call of identify and why some wait; the locks of table definitions are here too. */
export const LOCKS_BUCKET = 'recognition_locks';

/** What could not be done and is kept until somebody looks at it: events that identify could not store, events that a script failed at. */
export const DEAD_BUCKET = 'recognition_dead';

/** Which items wait in which bucket to be put later, by their time. */
export const SCHEDULED_BUCKET = 'kvflow_scheduled';

/** What was done to buckets, scripts and API keys, and by whom. */
export const ADMIN_LOG_BUCKET = 'kvflow_admin_log';

/** A bucket of kvflow's own. Its owner may make it beforehand, with replicas or limits of their choice. */
export interface OwnBucket {
  /** How kvflow makes it where it is missing. */
  options: Pick<BucketOptions, 'description' | 'history' | 'ttl' | 'key_ttl' | 'key_encoding'>;
  /** Options that kvflow cannot do without, whoever made the bucket. */
  needs: BucketNeeds;
  /**
   * What stores several of its keys in one commit, as messages name it: it is no use on a server that cannot (before nats-server 2.12).
   * Default: nothing does, and they are turned on where the server has them.
   */
  transactionsFor?: string;
}

/** Options that must have one value. */
export type BucketNeeds = Partial<Pick<BucketInfo, 'history' | 'key_ttl' | 'key_encoding'>>;

/** What a bucket has that keeps kvflow from using it. */
export interface BucketFault {
  option:
    | 'history'
    | 'key_ttl'
    | 'key_encoding'
    | 'max_value_size'
    | 'max_bytes'
    | 'mirror'
    | 'ttl'
    | 'value_schema';
  /** What the option must be. */
  needed: BucketInfo[keyof BucketInfo] | null;
}

const MINUTE_NS = 60_000_000_000;
const DAY_NS = 86_400_000_000_000;
/** Bytes. A part of an answer, a script or a packed entry may have so many. */
const MIN_VALUE_SIZE = 1_048_576;
/** Nanoseconds. What is kept for less would be gone before it is used. */
const MIN_TTL = 60_000_000_000;
const STATE: BucketNeeds = { history: 1, key_ttl: true };

/** The state of scripts, in whatever bucket it is. */
export const SCRIPT_STATE: OwnBucket = {
  options: {
    description: 'State of transform scripts ($kv)',
    history: 1,
    key_ttl: true,
    key_encoding: 'base64',
  },
  needs: { ...STATE, key_encoding: 'base64' },
  transactionsFor: '$kv',
};

/** Remembered events, in whatever bucket they are. */
export const EVENTS_STATE = recognitionState('Anonymous events and who the visitors are (identify)');

/** Buckets that kvflow makes beside what anybody asked for: lists leave them out unless they are asked for. */
export const UNLISTED_BUCKETS: ReadonlySet<string> = new Set([ADMIN_LOG_BUCKET, SCHEDULED_BUCKET]);

/** Every bucket of ours by its name. */
export const OWN_BUCKETS = {
  [IDEMPOTENCY_BUCKET]: {
    options: {
      description: 'Answers kept for repeated calls with the same Idempotency-Key; made by kvflow.',
      history: 1,
      ttl: DAY_NS,
      key_ttl: true,
    },
    needs: {},
  },
  [ADMIN_LOG_BUCKET]: {
    options: {
      description:
        'What was done to buckets, scripts and API keys, and by whom (admin-log-list); made by kvflow.',
      history: 1,
      ttl: 365 * DAY_NS,
    },
    needs: {},
  },
  [TICKETS_BUCKET]: {
    options: {
      description: 'Tickets that open one watch each, as hashes; made by kvflow.',
      history: 1,
      ttl: MINUTE_NS,
    },
    needs: {},
  },
  [SCHEDULED_BUCKET]: {
    options: {
      description: 'Which items wait in which bucket to be put later (kv-key-put with at); made by kvflow.',
      history: 1,
      key_encoding: 'base64',
    },
    needs: { key_encoding: 'base64' },
  },
  [SCRIPTS_BUCKET]: {
    options: { description: 'Scripts of transform; the history of a key are its versions', history: 64 },
    needs: {},
  },
  [SCRIPT_VERSIONS_BUCKET]: {
    options: { description: 'Every version of the scripts of transform, and their names', history: 1 },
    needs: {},
  },
  [SECRETS_BUCKET]: {
    options: { description: 'Secrets of scripts of transform, encrypted', history: 1 },
    needs: { history: 1, key_encoding: 'none' },
  },
  [FETCH_BUCKET]: {
    options: { description: 'Answers that scripts of transform fetched', history: 1, key_ttl: true },
    needs: STATE,
  },
  [SCRIPT_STATE_BUCKET]: SCRIPT_STATE,
  [EVENTS_BUCKET]: EVENTS_STATE,
  [PENDING_BUCKET]: recognitionState('Calls of identify that are still to be finished'),
  [AUDIT_BUCKET]: recognitionState('What identify amended, for identify-undo'),
  [DEAD_BUCKET]: recognitionState(
    'Events that identify could not store or a script failed at, until they are replayed or dropped',
  ),
  [LOCKS_BUCKET]: recognitionState('Who finishes which call of identify, and who defines a table'),
} satisfies Record<string, OwnBucket>;

/** What of a bucket must change before kvflow can use it; none where it will do. */
export function bucketFaults(info: BucketInfo, needs: BucketNeeds): BucketFault[] {
  const faults = unmet(info, needs);
  if (info.max_value_size > 0 && info.max_value_size < MIN_VALUE_SIZE) {
    faults.push({ option: 'max_value_size', needed: -1 });
  }
  if (info.max_bytes > 0 && info.max_bytes < MIN_VALUE_SIZE) {
    faults.push({ option: 'max_bytes', needed: -1 });
  }
  // Where keys have times of their own, the bucket's would refuse or end them.
  if (info.ttl > 0 && (needs.key_ttl === true || info.ttl < MIN_TTL)) {
    faults.push({ option: 'ttl', needed: 0 });
  }
  if (info.mirror) faults.push({ option: 'mirror', needed: null });
  // What kvflow stores is of its own form, which changes from build to build.
  if (info.value_schema) faults.push({ option: 'value_schema', needed: null });
  return faults;
}

/** The needs alone: limits are for the owner of a bucket to choose. */
export function unmet(info: BucketInfo, needs: BucketNeeds): BucketFault[] {
  return (['history', 'key_ttl', 'key_encoding'] as const).flatMap(option => {
    const needed = needs[option];
    return needed === undefined || info[option] === needed ? [] : [{ option, needed }];
  });
}

/** What to change, in words: `history: 1, key_ttl: true`. */
export function faultWords(faults: readonly BucketFault[]): string {
  return faults.map(({ option, needed }) => `${option}: ${JSON.stringify(needed)}`).join(', ');
}

function recognitionState(description: string): OwnBucket {
  return {
    options: { description, history: 1, key_ttl: true },
    needs: { ...STATE, key_encoding: 'none' },
  };
}

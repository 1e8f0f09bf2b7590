/** JetStream's own shapes, as far as buckets use them (NATS JSON schemas, io.nats.jetstream.api.v1). */

/** Where a stream takes messages from. */
export interface StreamSource {
  name: string;
  filter_subject?: string;
  opt_start_seq?: number;
  opt_start_time?: string;
  external?: { api: string; deliver?: string };
  subject_transforms?: { src: string; dest: string }[];
}

/** A stream's configuration. Durations are nanoseconds. */
export interface StreamConfig {
  name: string;
  description?: string;
  subjects?: string[];
  retention?: string;
  max_msgs_per_subject?: number;
  max_msgs?: number;
  max_bytes?: number;
  max_age?: number;
  max_msg_size?: number;
  max_consumers?: number;
  storage: 'file' | 'memory';
  num_replicas: number;
  discard?: 'old' | 'new';
  duplicate_window?: number;
  deny_delete?: boolean;
  deny_purge?: boolean;
  allow_rollup_hdrs?: boolean;
  allow_direct?: boolean;
  mirror_direct?: boolean;
  allow_msg_ttl?: boolean;
  /** Several messages in one commit (ADR-50, nats-server 2.12). */
  allow_atomic?: boolean;
  /** Many messages that are stored as they come, with one answer (ADR-50, nats-server 2.14). */
  allow_batched?: boolean;
  subject_delete_marker_ttl?: number;
  sealed?: boolean;
  compression?: 'none' | 's2';
  metadata?: Record<string, string>;
  placement?: { cluster?: string; tags?: string[] };
  mirror?: StreamSource;
  sources?: StreamSource[];
  republish?: { src: string; dest: string; headers_only?: boolean };
  [other: string]: unknown;
}

/** A server that keeps a copy of a stream. */
export interface Peer {
  name: string;
  current: boolean;
  offline?: boolean;
  /** Nanoseconds since the leader heard from it; 0: never yet. */
  active?: number;
  lag?: number;
}

/** What the server says of a stream. */
export interface StreamInfo {
  config: StreamConfig;
  created: string;
  /** The server's clock when it answered. */
  ts?: string;
  state: {
    messages: number;
    bytes: number;
    first_seq: number;
    last_seq: number;
    first_ts?: string;
    last_ts: string;
    num_subjects?: number;
    num_deleted?: number;
    consumer_count?: number;
    /** What the server missed when it read its store at its start. */
    lost?: { msgs?: number[] | null };
  };
  cluster?: {
    name?: string;
    leader?: string;
    /** When the leader was elected (nats-server 2.12). */
    leader_since?: string;
    replicas?: Peer[];
  };
}

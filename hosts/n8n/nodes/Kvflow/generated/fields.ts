// Generated from manifest.json; do not edit. npm run generate writes it.
import type { Field } from '../field';

export const fields: Record<string, Field[]> = {
  "admin-log-list": [
    {
      "name": "action",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "before",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-dead-drop": [
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "code",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-dead-list": [
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "code",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-dead-replay": [
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "code",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-forget": [
    {
      "name": "anonymous_id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "value",
      "kind": "plain",
      "required": false
    },
    {
      "name": "rows",
      "kind": "plain",
      "required": false
    },
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-pending-list": [
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-preview": [
    {
      "name": "event",
      "kind": "json",
      "required": false
    },
    {
      "name": "events",
      "kind": "json",
      "required": false
    },
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "table",
      "kind": "plain",
      "required": false
    },
    {
      "name": "primary_key_fields",
      "kind": "json",
      "required": false
    },
    {
      "name": "anonymous_id_node",
      "kind": "plain",
      "required": false
    },
    {
      "name": "identification_nodes",
      "kind": "json",
      "required": false
    },
    {
      "name": "no_identity_values",
      "kind": "json",
      "required": false
    },
    {
      "name": "load",
      "kind": "plain",
      "required": false
    },
    {
      "name": "conflict",
      "kind": "plain",
      "required": false
    },
    {
      "name": "lookback_minutes",
      "kind": "plain",
      "required": false
    },
    {
      "name": "user_agent_node",
      "kind": "plain",
      "required": false
    },
    {
      "name": "timestamp_node",
      "kind": "plain",
      "required": false
    },
    {
      "name": "normalize",
      "kind": "json",
      "required": false
    },
    {
      "name": "skip_bots",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "undo",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-undo": [
    {
      "name": "anonymous_id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-visitor-get": [
    {
      "name": "anonymous_id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    }
  ],
  "identify-visitor-list": [
    {
      "name": "value",
      "kind": "plain",
      "required": false
    },
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "identify": [
    {
      "name": "event",
      "kind": "json",
      "required": false
    },
    {
      "name": "events",
      "kind": "json",
      "required": false
    },
    {
      "name": "destination",
      "kind": "plain",
      "required": false
    },
    {
      "name": "table",
      "kind": "plain",
      "required": false
    },
    {
      "name": "primary_key_fields",
      "kind": "json",
      "required": false
    },
    {
      "name": "anonymous_id_node",
      "kind": "plain",
      "required": false
    },
    {
      "name": "identification_nodes",
      "kind": "json",
      "required": false
    },
    {
      "name": "no_identity_values",
      "kind": "json",
      "required": false
    },
    {
      "name": "load",
      "kind": "plain",
      "required": false
    },
    {
      "name": "include_events",
      "kind": "plain",
      "required": false
    },
    {
      "name": "conflict",
      "kind": "plain",
      "required": false
    },
    {
      "name": "lookback_minutes",
      "kind": "plain",
      "required": false
    },
    {
      "name": "user_agent_node",
      "kind": "plain",
      "required": false
    },
    {
      "name": "timestamp_node",
      "kind": "plain",
      "required": false
    },
    {
      "name": "normalize",
      "kind": "json",
      "required": false
    },
    {
      "name": "skip_bots",
      "kind": "plain",
      "required": false
    },
    {
      "name": "bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-account-info": [],
  "kv-bucket-changes": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "before",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-clone": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "to",
      "kind": "plain",
      "required": true
    }
  ],
  "kv-bucket-compact": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "older_than",
      "kind": "duration",
      "required": false
    },
    {
      "name": "dry_run",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-copy": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "to_bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "query",
      "kind": "plain",
      "required": false
    },
    {
      "name": "prefix",
      "kind": "plain",
      "required": false
    },
    {
      "name": "to_prefix",
      "kind": "plain",
      "required": false
    },
    {
      "name": "on_conflict",
      "kind": "plain",
      "required": false
    },
    {
      "name": "dry_run",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-create": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "description",
      "kind": "plain",
      "required": false
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "history",
      "kind": "plain",
      "required": false
    },
    {
      "name": "max_bytes",
      "kind": "plain",
      "required": false
    },
    {
      "name": "max_value_size",
      "kind": "plain",
      "required": false
    },
    {
      "name": "storage",
      "kind": "plain",
      "required": false
    },
    {
      "name": "num_replicas",
      "kind": "plain",
      "required": false
    },
    {
      "name": "compression",
      "kind": "plain",
      "required": false
    },
    {
      "name": "metadata",
      "kind": "json",
      "required": false
    },
    {
      "name": "placement",
      "kind": "json",
      "required": false
    },
    {
      "name": "mirror",
      "kind": "json",
      "required": false
    },
    {
      "name": "republish",
      "kind": "json",
      "required": false
    },
    {
      "name": "sources",
      "kind": "json",
      "required": false
    },
    {
      "name": "key_ttl",
      "kind": "plain",
      "required": false
    },
    {
      "name": "marker_ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "transactions",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key_encoding",
      "kind": "plain",
      "required": false
    },
    {
      "name": "value_schema",
      "kind": "json",
      "required": false
    }
  ],
  "kv-bucket-delete": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "confirm",
      "kind": "plain",
      "required": true
    }
  ],
  "kv-bucket-diff": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "since",
      "kind": "plain",
      "required": false
    },
    {
      "name": "since_revision",
      "kind": "plain",
      "required": false
    },
    {
      "name": "until",
      "kind": "plain",
      "required": false
    },
    {
      "name": "until_revision",
      "kind": "plain",
      "required": false
    },
    {
      "name": "values",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "start_seq",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-export": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "after",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "query",
      "kind": "plain",
      "required": false
    },
    {
      "name": "history",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-import": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "records",
      "kind": "json",
      "required": true
    },
    {
      "name": "history_of",
      "kind": "plain",
      "required": false
    },
    {
      "name": "on_conflict",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-info": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    }
  ],
  "kv-bucket-list": [
    {
      "name": "include_own",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-restore-at": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "at",
      "kind": "plain",
      "required": false
    },
    {
      "name": "revision",
      "kind": "plain",
      "required": false
    },
    {
      "name": "dry_run",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "start_seq",
      "kind": "plain",
      "required": false
    },
    {
      "name": "until_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-send": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "url",
      "kind": "plain",
      "required": true
    },
    {
      "name": "api_key",
      "kind": "plain",
      "required": false
    },
    {
      "name": "to_bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "query",
      "kind": "plain",
      "required": false
    },
    {
      "name": "prefix",
      "kind": "plain",
      "required": false
    },
    {
      "name": "to_prefix",
      "kind": "plain",
      "required": false
    },
    {
      "name": "on_conflict",
      "kind": "plain",
      "required": false
    },
    {
      "name": "dry_run",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-bucket-update": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "description",
      "kind": "plain",
      "required": false
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "history",
      "kind": "plain",
      "required": false
    },
    {
      "name": "max_bytes",
      "kind": "plain",
      "required": false
    },
    {
      "name": "max_value_size",
      "kind": "plain",
      "required": false
    },
    {
      "name": "storage",
      "kind": "plain",
      "required": false
    },
    {
      "name": "num_replicas",
      "kind": "plain",
      "required": false
    },
    {
      "name": "compression",
      "kind": "plain",
      "required": false
    },
    {
      "name": "metadata",
      "kind": "json",
      "required": false
    },
    {
      "name": "placement",
      "kind": "json",
      "required": false
    },
    {
      "name": "mirror",
      "kind": "json",
      "required": false
    },
    {
      "name": "republish",
      "kind": "json",
      "required": false
    },
    {
      "name": "sources",
      "kind": "json",
      "required": false
    },
    {
      "name": "key_ttl",
      "kind": "plain",
      "required": false
    },
    {
      "name": "marker_ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "transactions",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key_encoding",
      "kind": "plain",
      "required": false
    },
    {
      "name": "value_schema",
      "kind": "json",
      "required": false
    }
  ],
  "kv-bucket-usage": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "separator",
      "kind": "plain",
      "required": false
    },
    {
      "name": "depth",
      "kind": "plain",
      "required": false
    },
    {
      "name": "recent",
      "kind": "duration",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-append": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "value",
      "kind": "value",
      "required": true
    },
    {
      "name": "as",
      "kind": "plain",
      "required": false
    },
    {
      "name": "max",
      "kind": "plain",
      "required": false
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-copy": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "to",
      "kind": "plain",
      "required": true
    },
    {
      "name": "to_bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "overwrite",
      "kind": "plain",
      "required": false
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-delete": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-find": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "query",
      "kind": "plain",
      "required": true
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "start_seq",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-get-many": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "keys",
      "kind": "json",
      "required": true
    },
    {
      "name": "consistent",
      "kind": "plain",
      "required": false
    },
    {
      "name": "json",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-get-or-put": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "value",
      "kind": "value",
      "required": true
    },
    {
      "name": "encoding",
      "kind": "plain",
      "required": false
    },
    {
      "name": "content_type",
      "kind": "plain",
      "required": false
    },
    {
      "name": "metadata",
      "kind": "json",
      "required": false
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    }
  ],
  "kv-key-get": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "json",
      "kind": "plain",
      "required": false
    },
    {
      "name": "revision",
      "kind": "plain",
      "required": false
    },
    {
      "name": "consistency",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-history": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "start_seq",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-increment": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "pointer",
      "kind": "plain",
      "required": false
    },
    {
      "name": "by",
      "kind": "plain",
      "required": false
    },
    {
      "name": "initial",
      "kind": "plain",
      "required": false
    },
    {
      "name": "min",
      "kind": "plain",
      "required": false
    },
    {
      "name": "max",
      "kind": "plain",
      "required": false
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    }
  ],
  "kv-key-list": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "start_seq",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "include_values",
      "kind": "plain",
      "required": false
    },
    {
      "name": "deleted",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-patch": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "merge",
      "kind": "json",
      "required": false
    },
    {
      "name": "patch",
      "kind": "json",
      "required": false
    },
    {
      "name": "initial",
      "kind": "json",
      "required": false
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-purge": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "query",
      "kind": "plain",
      "required": false
    },
    {
      "name": "dry_run",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-put-many": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "items",
      "kind": "json",
      "required": true
    }
  ],
  "kv-key-put": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "value",
      "kind": "value",
      "required": true
    },
    {
      "name": "encoding",
      "kind": "plain",
      "required": false
    },
    {
      "name": "content_type",
      "kind": "plain",
      "required": false
    },
    {
      "name": "metadata",
      "kind": "json",
      "required": false
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    },
    {
      "name": "at",
      "kind": "plain",
      "required": false
    },
    {
      "name": "delay",
      "kind": "duration",
      "required": false
    }
  ],
  "kv-key-rename": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "to",
      "kind": "plain",
      "required": true
    },
    {
      "name": "overwrite",
      "kind": "plain",
      "required": false
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-revert": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "revision",
      "kind": "plain",
      "required": true
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-touch": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "expected_revision",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-tree": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "prefix",
      "kind": "plain",
      "required": false
    },
    {
      "name": "delimiter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "start_seq",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-key-watch": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "filter",
      "kind": "plain",
      "required": false
    },
    {
      "name": "filters",
      "kind": "json",
      "required": false
    },
    {
      "name": "headers_only",
      "kind": "plain",
      "required": false
    },
    {
      "name": "ignore_deletes",
      "kind": "plain",
      "required": false
    },
    {
      "name": "start",
      "kind": "plain",
      "required": false
    },
    {
      "name": "after",
      "kind": "plain",
      "required": false
    },
    {
      "name": "after_id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "wait_ms",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-lock-acquire": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "holder",
      "kind": "plain",
      "required": false
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    },
    {
      "name": "wait",
      "kind": "duration",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-lock-release": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "fence",
      "kind": "plain",
      "required": true
    }
  ],
  "kv-lock-renew": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "key",
      "kind": "plain",
      "required": true
    },
    {
      "name": "fence",
      "kind": "plain",
      "required": true
    },
    {
      "name": "ttl",
      "kind": "duration",
      "required": false
    }
  ],
  "kv-queue-done": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "queue",
      "kind": "plain",
      "required": true
    },
    {
      "name": "id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "receipt",
      "kind": "plain",
      "required": true
    }
  ],
  "kv-queue-info": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "queue",
      "kind": "plain",
      "required": true
    }
  ],
  "kv-queue-push": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "queue",
      "kind": "plain",
      "required": true
    },
    {
      "name": "value",
      "kind": "value",
      "required": true
    },
    {
      "name": "id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "delay",
      "kind": "duration",
      "required": false
    }
  ],
  "kv-queue-take": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "queue",
      "kind": "plain",
      "required": true
    },
    {
      "name": "lease",
      "kind": "duration",
      "required": false
    },
    {
      "name": "max_tries",
      "kind": "plain",
      "required": false
    }
  ],
  "kv-transact": [
    {
      "name": "bucket",
      "kind": "plain",
      "required": true
    },
    {
      "name": "checks",
      "kind": "json",
      "required": false
    },
    {
      "name": "operations",
      "kind": "json",
      "required": false
    }
  ],
  "transform-dead-drop": [
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "code",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-dead-list": [
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "code",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-dead-replay": [
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "code",
      "kind": "plain",
      "required": false
    },
    {
      "name": "key",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script",
      "kind": "plain",
      "required": false
    },
    {
      "name": "keep",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-script-compare": [
    {
      "name": "script_id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "before",
      "kind": "plain",
      "required": true
    },
    {
      "name": "after",
      "kind": "plain",
      "required": true
    },
    {
      "name": "events",
      "kind": "json",
      "required": false
    },
    {
      "name": "ndjson",
      "kind": "plain",
      "required": false
    },
    {
      "name": "variables",
      "kind": "json",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "kv",
      "kind": "json",
      "required": false
    },
    {
      "name": "stored_kv",
      "kind": "plain",
      "required": false
    },
    {
      "name": "kv_bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "timeout_ms",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-script-get": [
    {
      "name": "script_id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "version",
      "kind": "plain",
      "required": false
    },
    {
      "name": "release",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-script-list": [],
  "transform-script-name": [
    {
      "name": "script_id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "release",
      "kind": "plain",
      "required": true
    },
    {
      "name": "version_name",
      "kind": "plain",
      "required": true
    }
  ],
  "transform-script-put": [
    {
      "name": "script_id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "script",
      "kind": "plain",
      "required": true
    },
    {
      "name": "description",
      "kind": "plain",
      "required": false
    },
    {
      "name": "tests",
      "kind": "json",
      "required": false
    },
    {
      "name": "version_name",
      "kind": "plain",
      "required": false
    },
    {
      "name": "allow_no_return",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-script-rollback": [
    {
      "name": "script_id",
      "kind": "plain",
      "required": true
    },
    {
      "name": "release",
      "kind": "plain",
      "required": true
    }
  ],
  "transform-script-versions": [
    {
      "name": "script_id",
      "kind": "plain",
      "required": true
    }
  ],
  "transform-secret-delete": [
    {
      "name": "name",
      "kind": "plain",
      "required": true
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-secret-list": [
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-secret-put": [
    {
      "name": "name",
      "kind": "plain",
      "required": true
    },
    {
      "name": "value",
      "kind": "plain",
      "required": true
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-session-list": [
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "kv_bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "contains",
      "kind": "plain",
      "required": false
    },
    {
      "name": "limit",
      "kind": "plain",
      "required": false
    },
    {
      "name": "cursor",
      "kind": "plain",
      "required": false
    }
  ],
  "transform-test": [
    {
      "name": "script",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_release",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_version",
      "kind": "plain",
      "required": false
    },
    {
      "name": "scripts",
      "kind": "json",
      "required": false
    },
    {
      "name": "events",
      "kind": "json",
      "required": false
    },
    {
      "name": "kv",
      "kind": "json",
      "required": false
    },
    {
      "name": "expect",
      "kind": "json",
      "required": false
    },
    {
      "name": "expect_kv",
      "kind": "json",
      "required": false
    },
    {
      "name": "tests",
      "kind": "json",
      "required": false
    },
    {
      "name": "variables",
      "kind": "json",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "stored_kv",
      "kind": "plain",
      "required": false
    },
    {
      "name": "kv_bucket",
      "kind": "plain",
      "required": false
    },
    {
      "name": "timeout_ms",
      "kind": "plain",
      "required": false
    }
  ],
  "transform": [
    {
      "name": "event",
      "kind": "json",
      "required": false
    },
    {
      "name": "events",
      "kind": "json",
      "required": false
    },
    {
      "name": "ndjson",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_id",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_release",
      "kind": "plain",
      "required": false
    },
    {
      "name": "script_version",
      "kind": "plain",
      "required": false
    },
    {
      "name": "scripts",
      "kind": "json",
      "required": false
    },
    {
      "name": "variables",
      "kind": "json",
      "required": false
    },
    {
      "name": "namespace",
      "kind": "plain",
      "required": false
    },
    {
      "name": "timeout_ms",
      "kind": "plain",
      "required": false
    },
    {
      "name": "on_error",
      "kind": "plain",
      "required": false
    },
    {
      "name": "kv_bucket",
      "kind": "plain",
      "required": false
    }
  ],
  "warehouse-query": [
    {
      "name": "destination",
      "kind": "plain",
      "required": true
    },
    {
      "name": "sql",
      "kind": "plain",
      "required": true
    },
    {
      "name": "rows",
      "kind": "plain",
      "required": false
    }
  ]
};

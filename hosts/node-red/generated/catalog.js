// Generated from manifest.json; do not edit. npm run generate writes it.

/** @type {import('../lib/types.d.ts').CatalogEntry[]} */
export const catalog = [
  {
    "name": "admin-log-list",
    "title": "List administrative calls",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "entries",
      "next",
      "has_more"
    ],
    "fields": [
      {
        "name": "action",
        "kind": "text",
        "required": false,
        "example": "kv-bucket-delete"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "before",
        "kind": "number",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "identify-dead-drop",
    "title": "Drop events that could not be stored",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "dropped",
      "more"
    ],
    "fields": [
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "code",
        "kind": "text",
        "required": false,
        "example": "WAREHOUSE_ERROR"
      },
      {
        "name": "key",
        "kind": "text",
        "required": false,
        "example": "identify.warehouse.anonymous_events.default.events/e1"
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "identify-dead-list",
    "title": "List events that could not be stored",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "letters",
      "cursor"
    ],
    "fields": [
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "code",
        "kind": "text",
        "required": false,
        "example": "WAREHOUSE_ERROR"
      },
      {
        "name": "key",
        "kind": "text",
        "required": false,
        "example": "identify.warehouse.anonymous_events.default.events/e1"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "identify.warehouse.anonymous_events.default.events/e1"
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "identify-dead-replay",
    "title": "Replay events that could not be stored",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "stored",
      "failed",
      "pending",
      "more"
    ],
    "fields": [
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "code",
        "kind": "text",
        "required": false,
        "example": "WAREHOUSE_ERROR"
      },
      {
        "name": "key",
        "kind": "text",
        "required": false,
        "example": "identify.warehouse.anonymous_events.default.events/e1"
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "identify-forget",
    "title": "Forget a visitor or a user",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "visitors",
      "events",
      "changes",
      "rows",
      "dead_letters",
      "pending",
      "at"
    ],
    "fields": [
      {
        "name": "anonymous_id",
        "kind": "text",
        "required": false,
        "example": "1"
      },
      {
        "name": "value",
        "kind": "text",
        "required": false,
        "example": "a@b.com"
      },
      {
        "name": "rows",
        "kind": "choice",
        "required": false,
        "choices": [
          "keep",
          "clear"
        ],
        "default": "keep",
        "example": "clear"
      },
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "identify-pending-list",
    "title": "List unfinished calls of identify",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "calls",
      "total",
      "cursor"
    ],
    "fields": [
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "warehouse.anonymous_events.default.0a1b2c-0000"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "identify-preview",
    "title": "Preview a recognition or an undo",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "loads",
      "failed",
      "visitors",
      "rows",
      "rows_total"
    ],
    "fields": [
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
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "table",
        "kind": "text",
        "required": false,
        "example": "events"
      },
      {
        "name": "primary_key_fields",
        "kind": "json",
        "required": false
      },
      {
        "name": "anonymous_id_node",
        "kind": "text",
        "required": false,
        "example": "/user/anonymous_id"
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
        "kind": "boolean",
        "required": false,
        "default": true
      },
      {
        "name": "conflict",
        "kind": "choice",
        "required": false,
        "choices": [
          "fill",
          "overwrite",
          "skip"
        ],
        "default": "fill",
        "example": "fill"
      },
      {
        "name": "lookback_minutes",
        "kind": "number",
        "required": false
      },
      {
        "name": "user_agent_node",
        "kind": "text",
        "required": false,
        "example": "/user_agent"
      },
      {
        "name": "timestamp_node",
        "kind": "text",
        "required": false,
        "example": "/timestamp"
      },
      {
        "name": "normalize",
        "kind": "json",
        "required": false
      },
      {
        "name": "skip_bots",
        "kind": "boolean",
        "required": false,
        "default": true
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "undo",
        "kind": "text",
        "required": false,
        "example": "1"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "identify-undo",
    "title": "Undo a recognition",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "restored",
      "unchanged",
      "forgotten"
    ],
    "fields": [
      {
        "name": "anonymous_id",
        "kind": "text",
        "required": true,
        "example": "1"
      },
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "identify-visitor-get",
    "title": "Get all that is known of a visitor",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "known"
    ],
    "fields": [
      {
        "name": "anonymous_id",
        "kind": "text",
        "required": true,
        "example": "1"
      },
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "identify-visitor-list",
    "title": "List visitors who were named",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "visitors",
      "cursor"
    ],
    "fields": [
      {
        "name": "value",
        "kind": "text",
        "required": false,
        "example": "a@b.com"
      },
      {
        "name": "destination",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "default.warehouse.1"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "identify",
    "title": "Recognize users retroactively",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "loaded",
      "remembered",
      "recognized",
      "amended",
      "skipped",
      "events",
      "failed",
      "pending",
      "events_left_out",
      "has_more"
    ],
    "fields": [
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
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "table",
        "kind": "text",
        "required": false,
        "example": "events"
      },
      {
        "name": "primary_key_fields",
        "kind": "json",
        "required": false
      },
      {
        "name": "anonymous_id_node",
        "kind": "text",
        "required": false,
        "example": "/user/anonymous_id"
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
        "kind": "boolean",
        "required": false,
        "default": true
      },
      {
        "name": "include_events",
        "kind": "boolean",
        "required": false,
        "default": true
      },
      {
        "name": "conflict",
        "kind": "choice",
        "required": false,
        "choices": [
          "fill",
          "overwrite",
          "skip"
        ],
        "default": "fill",
        "example": "fill"
      },
      {
        "name": "lookback_minutes",
        "kind": "number",
        "required": false
      },
      {
        "name": "user_agent_node",
        "kind": "text",
        "required": false,
        "example": "/user_agent"
      },
      {
        "name": "timestamp_node",
        "kind": "text",
        "required": false,
        "example": "/timestamp"
      },
      {
        "name": "normalize",
        "kind": "json",
        "required": false
      },
      {
        "name": "skip_bots",
        "kind": "boolean",
        "required": false,
        "default": true
      },
      {
        "name": "bucket",
        "kind": "bucket",
        "required": false,
        "default": "anonymous_events",
        "example": "user-preferences"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-account-info",
    "title": "Describe the account",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "domain",
      "file",
      "memory",
      "streams",
      "consumers",
      "tiers"
    ],
    "fields": [],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-bucket-changes",
    "title": "List the changes of a bucket",
    "icon": "kv-bucket.svg",
    "color": "#A6C8E0",
    "results": [
      "changes",
      "next",
      "has_more"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "before",
        "kind": "number",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-bucket-clone",
    "title": "Clone a bucket",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "to",
      "at",
      "revision",
      "messages",
      "paused_ms"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "to",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-compact",
    "title": "Compact bucket",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "markers",
      "dropped",
      "dry_run"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "older_than",
        "kind": "duration",
        "required": false,
        "default": 0
      },
      {
        "name": "dry_run",
        "kind": "boolean",
        "required": false,
        "default": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-copy",
    "title": "Copy items of a bucket",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "to_bucket",
      "copied",
      "skipped",
      "failed",
      "dry_run",
      "has_more",
      "cursor"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "to_bucket",
        "kind": "bucket",
        "required": false,
        "example": "user-preferences"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "query",
        "kind": "text",
        "required": false,
        "example": "tenant8_ size>10k"
      },
      {
        "name": "prefix",
        "kind": "text",
        "required": false,
        "default": "",
        "example": "app."
      },
      {
        "name": "to_prefix",
        "kind": "text",
        "required": false,
        "example": "backup.app."
      },
      {
        "name": "on_conflict",
        "kind": "choice",
        "required": false,
        "choices": [
          "skip",
          "overwrite",
          "fail"
        ],
        "default": "skip",
        "example": "overwrite"
      },
      {
        "name": "dry_run",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "eyJ1bnRpbCI6MTAwfQ"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-create",
    "title": "Create a bucket",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "created",
      "bucket",
      "description",
      "values",
      "markers",
      "approximate",
      "bytes",
      "history",
      "ttl",
      "max_bytes",
      "max_value_size",
      "storage",
      "num_replicas",
      "compression",
      "metadata",
      "placement",
      "mirror",
      "sources",
      "republish",
      "key_ttl",
      "marker_ttl",
      "transactions",
      "key_encoding",
      "created_at",
      "last_modified_at",
      "last_seq",
      "cluster",
      "read_only",
      "value_schema"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "description",
        "kind": "text",
        "required": false,
        "default": "",
        "example": "Settings of each user"
      },
      {
        "name": "ttl",
        "kind": "duration",
        "required": false,
        "default": 0
      },
      {
        "name": "history",
        "kind": "number",
        "required": false,
        "default": 1
      },
      {
        "name": "max_bytes",
        "kind": "number",
        "required": false,
        "default": -1
      },
      {
        "name": "max_value_size",
        "kind": "number",
        "required": false,
        "default": -1
      },
      {
        "name": "storage",
        "kind": "choice",
        "required": false,
        "choices": [
          "file",
          "memory"
        ],
        "default": "file",
        "example": "memory"
      },
      {
        "name": "num_replicas",
        "kind": "choice",
        "required": false,
        "choices": [
          1,
          2,
          3,
          4,
          5
        ],
        "default": 1
      },
      {
        "name": "compression",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "metadata",
        "kind": "json",
        "required": false,
        "default": {}
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
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "marker_ttl",
        "kind": "duration",
        "required": false
      },
      {
        "name": "transactions",
        "kind": "boolean",
        "required": false
      },
      {
        "name": "key_encoding",
        "kind": "choice",
        "required": false,
        "choices": [
          "none",
          "base64"
        ],
        "default": "none",
        "example": "base64"
      },
      {
        "name": "value_schema",
        "kind": "json",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-delete",
    "title": "Delete a bucket",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "deleted"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "confirm",
        "kind": "text",
        "required": true,
        "example": "user-preferences"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-diff",
    "title": "See what changed in a bucket",
    "icon": "kv-bucket.svg",
    "color": "#A6C8E0",
    "results": [
      "items",
      "next_seq",
      "has_more"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "since",
        "kind": "text",
        "required": false,
        "example": "2026-01-31T12:00:00.000Z"
      },
      {
        "name": "since_revision",
        "kind": "number",
        "required": false
      },
      {
        "name": "until",
        "kind": "text",
        "required": false,
        "example": "2026-01-31T12:00:00.000Z"
      },
      {
        "name": "until_revision",
        "kind": "number",
        "required": false
      },
      {
        "name": "values",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "start_seq",
        "kind": "number",
        "required": false,
        "default": 0
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-bucket-export",
    "title": "Export a bucket",
    "icon": "kv-bucket.svg",
    "color": "#A6C8E0",
    "results": [
      "header",
      "records",
      "history_of",
      "next",
      "has_more",
      "cursor"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "after",
        "kind": "number",
        "required": false,
        "default": 0
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "c1.mdw2k8a0.1000.Hq3vB0c1x9aZ.2"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 1000
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "history",
        "kind": "boolean",
        "required": false,
        "default": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-bucket-import",
    "title": "Import into a bucket",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "imported",
      "skipped",
      "expired",
      "renewed",
      "failed"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "records",
        "kind": "json",
        "required": true
      },
      {
        "name": "history_of",
        "kind": "text",
        "required": false,
        "example": "user-preferences.mdw2k8a0"
      },
      {
        "name": "on_conflict",
        "kind": "choice",
        "required": false,
        "choices": [
          "skip",
          "overwrite",
          "fail"
        ],
        "default": "skip",
        "example": "overwrite"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-info",
    "title": "Describe a bucket",
    "icon": "kv-bucket.svg",
    "color": "#A6C8E0",
    "results": [
      "bucket",
      "description",
      "values",
      "markers",
      "approximate",
      "bytes",
      "history",
      "ttl",
      "max_bytes",
      "max_value_size",
      "storage",
      "num_replicas",
      "compression",
      "metadata",
      "placement",
      "mirror",
      "sources",
      "republish",
      "key_ttl",
      "marker_ttl",
      "transactions",
      "key_encoding",
      "created_at",
      "last_modified_at",
      "last_seq",
      "cluster",
      "damage",
      "read_only",
      "value_schema"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-bucket-list",
    "title": "List buckets",
    "icon": "kv-bucket.svg",
    "color": "#A6C8E0",
    "results": [
      "buckets",
      "total",
      "unavailable"
    ],
    "fields": [
      {
        "name": "include_own",
        "kind": "boolean",
        "required": false,
        "default": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-bucket-restore-at",
    "title": "Restore a bucket as it was",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "put",
      "removed",
      "unchanged",
      "unknown",
      "conflicts",
      "items",
      "dry_run",
      "has_more",
      "next_seq",
      "until_revision"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "at",
        "kind": "text",
        "required": false,
        "example": "2026-01-31T12:00:00.000Z"
      },
      {
        "name": "revision",
        "kind": "number",
        "required": false
      },
      {
        "name": "dry_run",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 1000
      },
      {
        "name": "start_seq",
        "kind": "number",
        "required": false,
        "default": 0
      },
      {
        "name": "until_revision",
        "kind": "number",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-update",
    "title": "Change a bucket",
    "icon": "kv-bucket.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "description",
      "values",
      "markers",
      "approximate",
      "bytes",
      "history",
      "ttl",
      "max_bytes",
      "max_value_size",
      "storage",
      "num_replicas",
      "compression",
      "metadata",
      "placement",
      "mirror",
      "sources",
      "republish",
      "key_ttl",
      "marker_ttl",
      "transactions",
      "key_encoding",
      "created_at",
      "last_modified_at",
      "last_seq",
      "cluster",
      "damage",
      "read_only",
      "value_schema"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "description",
        "kind": "text",
        "required": false,
        "example": "Settings of each user"
      },
      {
        "name": "ttl",
        "kind": "duration",
        "required": false
      },
      {
        "name": "history",
        "kind": "number",
        "required": false
      },
      {
        "name": "max_bytes",
        "kind": "number",
        "required": false
      },
      {
        "name": "max_value_size",
        "kind": "number",
        "required": false
      },
      {
        "name": "storage",
        "kind": "choice",
        "required": false,
        "choices": [
          "file",
          "memory"
        ],
        "example": "memory"
      },
      {
        "name": "num_replicas",
        "kind": "choice",
        "required": false,
        "choices": [
          1,
          2,
          3,
          4,
          5
        ]
      },
      {
        "name": "compression",
        "kind": "boolean",
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
        "kind": "boolean",
        "required": false
      },
      {
        "name": "marker_ttl",
        "kind": "duration",
        "required": false
      },
      {
        "name": "transactions",
        "kind": "boolean",
        "required": false
      },
      {
        "name": "key_encoding",
        "kind": "choice",
        "required": false,
        "choices": [
          "none",
          "base64"
        ],
        "example": "base64"
      },
      {
        "name": "value_schema",
        "kind": "json",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-bucket-usage",
    "title": "See what fills a bucket",
    "icon": "kv-bucket.svg",
    "color": "#A6C8E0",
    "results": [
      "groups",
      "others",
      "largest",
      "scanned",
      "bucket_bytes",
      "has_more",
      "cursor"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "separator",
        "kind": "text",
        "required": false,
        "default": ".",
        "example": "_"
      },
      {
        "name": "depth",
        "kind": "number",
        "required": false,
        "default": 1
      },
      {
        "name": "recent",
        "kind": "duration",
        "required": false,
        "default": 86400000000000
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "eyJwaGFzZSI6ImxpdmUiLCJhZnRlciI6MH0"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-key-append",
    "title": "Append to a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "revision",
      "length",
      "expires_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "value",
        "kind": "value",
        "required": true,
        "example": "Hello World"
      },
      {
        "name": "as",
        "kind": "choice",
        "required": false,
        "choices": [
          "list",
          "text"
        ],
        "default": "list",
        "example": "list"
      },
      {
        "name": "max",
        "kind": "number",
        "required": false
      },
      {
        "name": "ttl",
        "kind": "duration",
        "required": false
      },
      {
        "name": "expected_revision",
        "kind": "number",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-copy",
    "title": "Copy a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "revision",
      "atomic",
      "expires_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "to",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "to_bucket",
        "kind": "bucket",
        "required": false,
        "example": "user-preferences"
      },
      {
        "name": "overwrite",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "expected_revision",
        "kind": "number",
        "required": false
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-delete",
    "title": "Delete a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "deleted",
      "revision"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "expected_revision",
        "kind": "number",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-find",
    "title": "Find keys",
    "icon": "kv-key.svg",
    "color": "#A6C8E0",
    "results": [
      "items",
      "scanned",
      "next_seq",
      "has_more"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "query",
        "kind": "text",
        "required": true,
        "example": "tenant8_ size>10k"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "start_seq",
        "kind": "number",
        "required": false,
        "default": 0
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-key-get-many",
    "title": "Get many keys",
    "icon": "kv-key.svg",
    "color": "#A6C8E0",
    "results": [
      "items",
      "revision",
      "missing",
      "left_out",
      "unreadable"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "keys",
        "kind": "json",
        "required": true
      },
      {
        "name": "consistent",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "json",
        "kind": "boolean",
        "required": false,
        "default": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": true
  },
  {
    "name": "kv-key-get-or-put",
    "title": "Get a key or put it",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "created",
      "value",
      "encoding",
      "content_type",
      "metadata",
      "revision",
      "expires_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "value",
        "kind": "value",
        "required": true,
        "example": "Hello World"
      },
      {
        "name": "encoding",
        "kind": "choice",
        "required": false,
        "choices": [
          "utf8",
          "base64"
        ],
        "default": "utf8",
        "example": "base64"
      },
      {
        "name": "content_type",
        "kind": "text",
        "required": false,
        "example": "image/png"
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
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-get",
    "title": "Get a key",
    "icon": "kv-key.svg",
    "color": "#A6C8E0",
    "results": [
      "bucket",
      "key",
      "value",
      "encoding",
      "content_type",
      "metadata",
      "revision",
      "created_at",
      "expires_at",
      "by",
      "due_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "json",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "revision",
        "kind": "number",
        "required": false
      },
      {
        "name": "consistency",
        "kind": "choice",
        "required": false,
        "choices": [
          "leader",
          "any"
        ],
        "default": "leader",
        "example": "any"
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": true,
    "automatic": true
  },
  {
    "name": "kv-key-history",
    "title": "History of keys",
    "icon": "kv-key.svg",
    "color": "#A6C8E0",
    "results": [
      "bucket",
      "key",
      "items",
      "left_out",
      "next_seq",
      "has_more"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": false,
        "example": "user.123"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "example": "user.*"
      },
      {
        "name": "start_seq",
        "kind": "number",
        "required": false
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-key-increment",
    "title": "Increment a counter",
    "icon": "kv-key-increment.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "value",
      "revision",
      "applied",
      "reset_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "visits.home"
      },
      {
        "name": "pointer",
        "kind": "text",
        "required": false,
        "example": "/count"
      },
      {
        "name": "by",
        "kind": "number",
        "required": false,
        "default": 1
      },
      {
        "name": "initial",
        "kind": "number",
        "required": false,
        "default": 0
      },
      {
        "name": "min",
        "kind": "number",
        "required": false
      },
      {
        "name": "max",
        "kind": "number",
        "required": false
      },
      {
        "name": "ttl",
        "kind": "duration",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-list",
    "title": "List keys",
    "icon": "kv-key.svg",
    "color": "#A6C8E0",
    "results": [
      "items",
      "next_seq",
      "has_more",
      "cursor"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "start_seq",
        "kind": "number",
        "required": false,
        "default": 0
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "c1.mdw2k8a0.1000.Hq3vB0c1x9aZ.2"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "include_values",
        "kind": "boolean",
        "required": false,
        "default": true
      },
      {
        "name": "deleted",
        "kind": "boolean",
        "required": false,
        "default": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-key-patch",
    "title": "Patch a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "revision",
      "value",
      "expires_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
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
        "kind": "number",
        "required": false
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-purge",
    "title": "Purge keys",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "matched",
      "purged",
      "dry_run"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": false,
        "example": "user.123"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "example": "session.*"
      },
      {
        "name": "dry_run",
        "kind": "boolean",
        "required": false,
        "default": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-put-many",
    "title": "Put many keys",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "items",
      "failed"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "items",
        "kind": "json",
        "required": true
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-put",
    "title": "Put a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "revision",
      "expires_at",
      "due_at",
      "waits_as"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "value",
        "kind": "value",
        "required": true,
        "example": "Hello World"
      },
      {
        "name": "encoding",
        "kind": "choice",
        "required": false,
        "choices": [
          "utf8",
          "base64"
        ],
        "default": "utf8",
        "example": "base64"
      },
      {
        "name": "content_type",
        "kind": "text",
        "required": false,
        "example": "image/png"
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
        "kind": "number",
        "required": false
      },
      {
        "name": "at",
        "kind": "text",
        "required": false,
        "example": "2026-01-31T12:00:00.000Z"
      },
      {
        "name": "delay",
        "kind": "duration",
        "required": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-rename",
    "title": "Rename a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "from",
      "revision",
      "expires_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "to",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "overwrite",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "expected_revision",
        "kind": "number",
        "required": false
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-revert",
    "title": "Revert a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "revision",
      "reverted_to"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "revision",
        "kind": "number",
        "required": true
      },
      {
        "name": "expected_revision",
        "kind": "number",
        "required": false
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-touch",
    "title": "Touch a key",
    "icon": "kv-key.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "revision",
      "expires_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "ttl",
        "kind": "duration",
        "required": false
      },
      {
        "name": "expected_revision",
        "kind": "number",
        "required": false
      }
    ],
    "branches": true,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-key-tree",
    "title": "Keys as a tree",
    "icon": "kv-key.svg",
    "color": "#A6C8E0",
    "results": [
      "prefix",
      "children",
      "scanned",
      "next_seq",
      "has_more"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "prefix",
        "kind": "text",
        "required": false,
        "default": "",
        "example": "user."
      },
      {
        "name": "delimiter",
        "kind": "text",
        "required": false,
        "default": ".",
        "example": "/"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "start_seq",
        "kind": "number",
        "required": false,
        "default": 0
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 10000
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-key-watch",
    "title": "Watch keys",
    "icon": "kv-key-watch.svg",
    "color": "#A6C8E0",
    "results": [
      "events",
      "next",
      "next_id",
      "reset"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "filter",
        "kind": "text",
        "required": false,
        "default": ">",
        "example": "user.*"
      },
      {
        "name": "filters",
        "kind": "json",
        "required": false
      },
      {
        "name": "headers_only",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "ignore_deletes",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "start",
        "kind": "choice",
        "required": false,
        "choices": [
          "new",
          "current",
          "history"
        ],
        "default": "new",
        "example": "current"
      },
      {
        "name": "after_id",
        "kind": "text",
        "required": false,
        "example": "42-mdw2k8a0"
      }
    ],
    "branches": false,
    "trigger": true,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-lock-acquire",
    "title": "Acquire a lock",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "acquired",
      "holder",
      "fence",
      "expires_at",
      "held_by"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "holder",
        "kind": "text",
        "required": false,
        "example": "worker-1"
      },
      {
        "name": "ttl",
        "kind": "duration",
        "required": false,
        "default": 30000000000
      },
      {
        "name": "wait",
        "kind": "duration",
        "required": false,
        "default": 0
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 1
      }
    ],
    "branches": true,
    "otherwise": {
      "property": "acquired",
      "name": "busy"
    },
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-lock-release",
    "title": "Release a lock",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "released"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "fence",
        "kind": "number",
        "required": true
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-lock-renew",
    "title": "Renew a lock",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "key",
      "renewed",
      "fence",
      "expires_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "key",
        "kind": "text",
        "required": true,
        "example": "user.123"
      },
      {
        "name": "fence",
        "kind": "number",
        "required": true
      },
      {
        "name": "ttl",
        "kind": "duration",
        "required": false,
        "default": 30000000000
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-queue-done",
    "title": "Done with an item",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "queue",
      "id",
      "done"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "queue",
        "kind": "text",
        "required": true,
        "example": "mails"
      },
      {
        "name": "id",
        "kind": "text",
        "required": true,
        "example": "order-7"
      },
      {
        "name": "receipt",
        "kind": "number",
        "required": true
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-queue-info",
    "title": "Length of a queue",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "bucket",
      "queue",
      "length",
      "free",
      "leased",
      "dead",
      "at_least"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "queue",
        "kind": "text",
        "required": true,
        "example": "mails"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "kv-queue-push",
    "title": "Push to a queue",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "queue",
      "id",
      "added",
      "key"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "queue",
        "kind": "text",
        "required": true,
        "example": "mails"
      },
      {
        "name": "value",
        "kind": "value",
        "required": true,
        "example": "Hello World"
      },
      {
        "name": "id",
        "kind": "text",
        "required": false,
        "example": "order-7"
      },
      {
        "name": "delay",
        "kind": "duration",
        "required": false,
        "default": 0
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-queue-take",
    "title": "Take from a queue",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "queue",
      "taken",
      "id",
      "value",
      "tries",
      "receipt",
      "lease_ends_at"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "queue",
        "kind": "text",
        "required": true,
        "example": "mails"
      },
      {
        "name": "lease",
        "kind": "duration",
        "required": false,
        "default": 30000000000
      },
      {
        "name": "max_tries",
        "kind": "number",
        "required": false,
        "default": 5
      }
    ],
    "branches": true,
    "otherwise": {
      "property": "taken",
      "name": "empty"
    },
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "kv-transact",
    "title": "Commit several keys",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "bucket",
      "results"
    ],
    "fields": [
      {
        "name": "bucket",
        "kind": "bucket",
        "required": true,
        "example": "user-preferences"
      },
      {
        "name": "checks",
        "kind": "json",
        "required": false,
        "default": []
      },
      {
        "name": "operations",
        "kind": "json",
        "required": false,
        "default": []
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "transform-script-compare",
    "title": "Compare two versions of a script",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "script_id",
      "same",
      "different",
      "kv_differences"
    ],
    "fields": [
      {
        "name": "script_id",
        "kind": "text",
        "required": true,
        "example": "sessions"
      },
      {
        "name": "before",
        "kind": "text",
        "required": true,
        "example": "stable"
      },
      {
        "name": "after",
        "kind": "text",
        "required": true,
        "example": "stable"
      },
      {
        "name": "events",
        "kind": "json",
        "required": false
      },
      {
        "name": "ndjson",
        "kind": "text",
        "required": false,
        "example": "{\"event_type\":\"page\",\"url\":\"/home\"}\n{\"event_type\":\"page\",\"url\":\"/cart\"}\n"
      },
      {
        "name": "variables",
        "kind": "json",
        "required": false
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "kv",
        "kind": "json",
        "required": false
      },
      {
        "name": "stored_kv",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "kv_bucket",
        "kind": "bucket",
        "required": false,
        "example": "user-preferences"
      },
      {
        "name": "timeout_ms",
        "kind": "number",
        "required": false,
        "default": 1000
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "transform-script-get",
    "title": "Read a stored script",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "script_id",
      "script",
      "description",
      "version",
      "created_at",
      "number",
      "tests"
    ],
    "fields": [
      {
        "name": "script_id",
        "kind": "text",
        "required": true,
        "example": "sessions"
      },
      {
        "name": "version",
        "kind": "number",
        "required": false
      },
      {
        "name": "release",
        "kind": "text",
        "required": false,
        "example": "stable"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "transform-script-list",
    "title": "List stored scripts",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "scripts",
      "total"
    ],
    "fields": [],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "transform-script-name",
    "title": "Name a version of a script",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "script_id",
      "number",
      "version",
      "version_name"
    ],
    "fields": [
      {
        "name": "script_id",
        "kind": "text",
        "required": true,
        "example": "sessions"
      },
      {
        "name": "release",
        "kind": "text",
        "required": true,
        "example": "stable"
      },
      {
        "name": "version_name",
        "kind": "text",
        "required": true,
        "example": "stable"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "transform-script-put",
    "title": "Store a script",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "script_id",
      "version",
      "number",
      "warnings"
    ],
    "fields": [
      {
        "name": "script_id",
        "kind": "text",
        "required": true,
        "example": "sessions"
      },
      {
        "name": "script",
        "kind": "code",
        "required": true,
        "example": "return { ...$, processed: true }"
      },
      {
        "name": "description",
        "kind": "text",
        "required": false,
        "example": "Counts page views of a session"
      },
      {
        "name": "tests",
        "kind": "json",
        "required": false
      },
      {
        "name": "version_name",
        "kind": "text",
        "required": false,
        "example": "stable"
      },
      {
        "name": "allow_no_return",
        "kind": "boolean",
        "required": false,
        "default": false
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "transform-script-rollback",
    "title": "Roll a script back",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "script_id",
      "version",
      "number",
      "from"
    ],
    "fields": [
      {
        "name": "script_id",
        "kind": "text",
        "required": true,
        "example": "sessions"
      },
      {
        "name": "release",
        "kind": "text",
        "required": true,
        "example": "stable"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "transform-script-versions",
    "title": "List the versions of a script",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "script_id",
      "versions",
      "total"
    ],
    "fields": [
      {
        "name": "script_id",
        "kind": "text",
        "required": true,
        "example": "sessions"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "transform-secret-delete",
    "title": "Delete a secret of scripts",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "deleted"
    ],
    "fields": [
      {
        "name": "name",
        "kind": "text",
        "required": true,
        "example": "API_KEY"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "warehouse"
      },
      {
        "name": "script_id",
        "kind": "text",
        "required": false,
        "example": "sessions"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "transform-secret-list",
    "title": "List secrets of scripts",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "secrets",
      "total"
    ],
    "fields": [
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "warehouse"
      },
      {
        "name": "script_id",
        "kind": "text",
        "required": false,
        "example": "sessions"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "transform-secret-put",
    "title": "Store a secret for scripts",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "name",
      "namespace",
      "script_id"
    ],
    "fields": [
      {
        "name": "name",
        "kind": "text",
        "required": true,
        "example": "API_KEY"
      },
      {
        "name": "value",
        "kind": "text",
        "required": true,
        "example": "sk-live-123456"
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "warehouse"
      },
      {
        "name": "script_id",
        "kind": "text",
        "required": false,
        "example": "sessions"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "transform-session-list",
    "title": "List what scripts keep",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "bucket",
      "sessions",
      "total",
      "cursor"
    ],
    "fields": [
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "default": "default",
        "example": "shop"
      },
      {
        "name": "kv_bucket",
        "kind": "bucket",
        "required": false,
        "example": "user-preferences"
      },
      {
        "name": "contains",
        "kind": "text",
        "required": false,
        "example": "session-4"
      },
      {
        "name": "limit",
        "kind": "number",
        "required": false,
        "default": 100
      },
      {
        "name": "cursor",
        "kind": "text",
        "required": false,
        "example": "default.session-42"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "transform-test",
    "title": "Try a script out",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "passed",
      "tests"
    ],
    "fields": [
      {
        "name": "script",
        "kind": "code",
        "required": false,
        "example": "return { ...$, processed: true }"
      },
      {
        "name": "script_id",
        "kind": "text",
        "required": false,
        "example": "sessions"
      },
      {
        "name": "script_release",
        "kind": "text",
        "required": false,
        "example": "stable"
      },
      {
        "name": "script_version",
        "kind": "number",
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
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "stored_kv",
        "kind": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "kv_bucket",
        "kind": "bucket",
        "required": false,
        "example": "user-preferences"
      },
      {
        "name": "timeout_ms",
        "kind": "number",
        "required": false,
        "default": 1000
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  },
  {
    "name": "transform",
    "title": "Transform events with a script",
    "icon": "kvflow.svg",
    "color": "#E2B873",
    "results": [
      "events",
      "ndjson",
      "results",
      "logs",
      "warnings"
    ],
    "fields": [
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
        "kind": "text",
        "required": false,
        "example": "{\"event_type\":\"page\",\"url\":\"/home\"}\n{\"event_type\":\"page\",\"url\":\"/cart\"}\n"
      },
      {
        "name": "script",
        "kind": "code",
        "required": false,
        "example": "return { ...$, processed: true }"
      },
      {
        "name": "script_id",
        "kind": "text",
        "required": false,
        "example": "sessions"
      },
      {
        "name": "script_release",
        "kind": "text",
        "required": false,
        "example": "stable"
      },
      {
        "name": "script_version",
        "kind": "number",
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
        "required": false,
        "default": {}
      },
      {
        "name": "namespace",
        "kind": "text",
        "required": false,
        "example": "warehouse"
      },
      {
        "name": "timeout_ms",
        "kind": "number",
        "required": false,
        "default": 1000
      },
      {
        "name": "on_error",
        "kind": "choice",
        "required": false,
        "choices": [
          "fail",
          "stop",
          "skip",
          "pass",
          "dead"
        ],
        "default": "fail",
        "example": "skip"
      },
      {
        "name": "kv_bucket",
        "kind": "bucket",
        "required": false,
        "example": "user-preferences"
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": false,
    "automatic": false
  },
  {
    "name": "warehouse-query",
    "title": "Query a warehouse",
    "icon": "kvflow.svg",
    "color": "#A6C8E0",
    "results": [
      "columns",
      "rows",
      "truncated"
    ],
    "fields": [
      {
        "name": "destination",
        "kind": "text",
        "required": true,
        "example": "embedded"
      },
      {
        "name": "sql",
        "kind": "text",
        "required": true,
        "example": "SELECT event_id, user_email FROM events ORDER BY event_id"
      },
      {
        "name": "rows",
        "kind": "number",
        "required": false,
        "default": 100
      }
    ],
    "branches": false,
    "trigger": false,
    "readOnly": true,
    "automatic": false
  }
];

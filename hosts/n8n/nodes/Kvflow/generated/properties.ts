// Generated from manifest.json; do not edit. npm run generate writes it.
import type { INodeProperties } from 'n8n-workflow';

export const properties: INodeProperties[] = [
  {
    "displayName": "Resource",
    "name": "resource",
    "type": "options",
    "noDataExpression": true,
    "options": [
      {
        "name": "Kv",
        "value": "kv"
      },
      {
        "name": "Recognition",
        "value": "recognition"
      },
      {
        "name": "Account",
        "value": "account"
      },
      {
        "name": "Bucket",
        "value": "bucket"
      },
      {
        "name": "Key",
        "value": "key"
      },
      {
        "name": "Lock",
        "value": "lock"
      },
      {
        "name": "Queue",
        "value": "queue"
      },
      {
        "name": "Transform",
        "value": "transform"
      }
    ],
    "default": "key"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "kv"
        ]
      }
    },
    "options": [
      {
        "name": "Admin Log List",
        "value": "admin-log-list",
        "description": "Answers what was done to buckets, scripts and API keys, newest first: buckets created, changed, deleted, compacted and purged by pattern, scripts stored, recognitions undone, API keys added, changed and removed, each with when and by whom.",
        "action": "List administrative calls"
      },
      {
        "name": "Kv Transact",
        "value": "kv-transact",
        "description": "Writes up to 1000 keys of one bucket together or not at all, if all keys it names are at the revisions expected: also keys that are only read.",
        "action": "Commit several keys"
      }
    ],
    "default": "admin-log-list"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "recognition"
        ]
      }
    },
    "options": [
      {
        "name": "Identify",
        "value": "identify",
        "description": "Loads events into a warehouse and remembers the anonymous ones.",
        "action": "Recognize users retroactively"
      },
      {
        "name": "Identify Dead Drop",
        "value": "identify-dead-drop",
        "description": "Gives dead letters of identify up: they are gone for good.",
        "action": "Drop events that could not be stored"
      },
      {
        "name": "Identify Dead List",
        "value": "identify-dead-list",
        "description": "Dead letters of identify: events that a warehouse refused, at once or when they were completed later, each with the reason.",
        "action": "List events that could not be stored"
      },
      {
        "name": "Identify Dead Replay",
        "value": "identify-dead-replay",
        "description": "Gives dead letters of identify to it once more, with the settings of their first call: after the table was repaired, for instance.",
        "action": "Replay events that could not be stored"
      },
      {
        "name": "Identify Forget",
        "value": "identify-forget",
        "description": "Takes out all that kvflow keeps of a visitor, or of every visitor who was known as a user: identity, remembered events, record of changes, dead letters.",
        "action": "Forget a visitor or a user"
      },
      {
        "name": "Identify Pending List",
        "value": "identify-pending-list",
        "description": "Calls, or parts of them, that are written down and not finished yet: because a warehouse is away, a process ended, or they are under way.",
        "action": "List unfinished calls of identify"
      },
      {
        "name": "Identify Preview",
        "value": "identify-preview",
        "description": "Tells what a call of identify, or an identify-undo, would change, without changing it: who visitors would be, and which rows would hold what.",
        "action": "Preview a recognition or an undo"
      },
      {
        "name": "Identify Undo",
        "value": "identify-undo",
        "description": "Sets the rows that identify amended for an anonymous id back to what they were, from the audit, and forgets who the visitor is.",
        "action": "Undo a recognition"
      },
      {
        "name": "Identify Visitor Get",
        "value": "identify-visitor-get",
        "description": "Who a visitor is and was, which events are remembered, which rows were amended: in every destination that knows the anonymous id, or in one.",
        "action": "Get all that is known of a visitor"
      },
      {
        "name": "Identify Visitor List",
        "value": "identify-visitor-list",
        "description": "Visitors of whom an event said who they are, by pages: who that is, since when, by which event.",
        "action": "List visitors who were named"
      },
      {
        "name": "Warehouse Query",
        "value": "warehouse-query",
        "description": "Answers the rows of one SELECT in a destination that allows it (`query: true` in kvflow.yaml; the embedded one does).",
        "action": "Query a warehouse"
      }
    ],
    "default": "identify"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "account"
        ]
      }
    },
    "options": [
      {
        "name": "Info",
        "value": "kv-account-info",
        "description": "Answers what the JetStream account behind the buckets uses and how much it may use: bytes on disk and in memory, streams and consumers.",
        "action": "Describe the account"
      }
    ],
    "default": "kv-account-info"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "bucket"
        ]
      }
    },
    "options": [
      {
        "name": "Changes",
        "value": "kv-bucket-changes",
        "description": "Answers a bucket's writes, newest first: which key was put, deleted or purged, when, and by whom as far as that is known.",
        "action": "List the changes of a bucket"
      },
      {
        "name": "Clone",
        "value": "kv-bucket-clone",
        "description": "Makes another bucket of all that a bucket held at one moment: values with their history, revisions, times and ttls.",
        "action": "Clone a bucket"
      },
      {
        "name": "Compact",
        "value": "kv-bucket-compact",
        "description": "Takes the markers of deleted and purged keys out of a bucket, with what history they still have: they take room, and every listing reads past them.",
        "action": "Compact bucket"
      },
      {
        "name": "Copy",
        "value": "kv-bucket-copy",
        "description": "Copies the live items of a bucket, or those of a filter or query, to another bucket or under another prefix, with their content type, metadata and what is left of a time of their own; that a bucket ends all its items is that bucket's way and is not copied.",
        "action": "Copy items of a bucket"
      },
      {
        "name": "Create",
        "value": "kv-bucket-create",
        "description": "Creates a key-value bucket.",
        "action": "Create a bucket"
      },
      {
        "name": "Delete",
        "value": "kv-bucket-delete",
        "description": "Deletes a bucket with everything in it.",
        "action": "Delete a bucket"
      },
      {
        "name": "Diff",
        "value": "kv-bucket-diff",
        "description": "Answers which keys differ between two moments, as far as the bucket's history goes, and how: added, changed or removed.",
        "action": "See what changed in a bucket"
      },
      {
        "name": "Export",
        "value": "kv-bucket-export",
        "description": "Answers a bucket's live items page by page, in a form that kv-bucket-import takes: values byte for byte, with their ttl; with history, past values and deletes too.",
        "action": "Export a bucket"
      },
      {
        "name": "Import",
        "value": "kv-bucket-import",
        "description": "Writes up to 1000 items as kv-bucket-export answered them into a bucket that exists.",
        "action": "Import into a bucket"
      },
      {
        "name": "Info",
        "value": "kv-bucket-info",
        "description": "Answers the options of a bucket and what it holds.",
        "action": "Describe a bucket"
      },
      {
        "name": "List",
        "value": "kv-bucket-list",
        "description": "Lists all key-value buckets of the account, sorted by name, with their options and what they hold.",
        "action": "List buckets"
      },
      {
        "name": "Restore At",
        "value": "kv-bucket-restore-at",
        "description": "Brings a bucket, or the keys of a filter, back to what they were at a moment, as far as the bucket's history goes: items that were there are put again with what belongs to them, items that were not, or whose time is over by now, are deleted.",
        "action": "Restore a bucket as it was"
      },
      {
        "name": "Send",
        "value": "kv-bucket-send",
        "description": "Copies the live items of a bucket, or those of a filter or query, to a bucket of another kvflow, with their content type, metadata and what is left of a time of their own.",
        "action": "Send items to another kvflow"
      },
      {
        "name": "Update",
        "value": "kv-bucket-update",
        "description": "Changes options of a bucket; those left out stay as they are.",
        "action": "Change a bucket"
      },
      {
        "name": "Usage",
        "value": "kv-bucket-usage",
        "description": "Sums what a bucket stores by the beginnings of its keys: bytes, past values and markers, live items, items without an end, growth, and the largest values.",
        "action": "See what fills a bucket"
      }
    ],
    "default": "kv-bucket-changes"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "key"
        ]
      }
    },
    "options": [
      {
        "name": "Append",
        "value": "kv-key-append",
        "description": "Adds an item to a list (JSON array) or text to a text, atomically under any number of callers, and keeps at most max of them.",
        "action": "Append to a key"
      },
      {
        "name": "Copy",
        "value": "kv-key-copy",
        "description": "Copies an item to another key of its bucket in one commit, or to another bucket: then the copy is what the item was a moment before, and atomic is false.",
        "action": "Copy a key"
      },
      {
        "name": "Delete",
        "value": "kv-key-delete",
        "description": "Deletes an item.",
        "action": "Delete a key"
      },
      {
        "name": "Find",
        "value": "kv-key-find",
        "description": "Finds live keys by part of a name, a glob, a regular expression, a word in the value, size, age or ttl.",
        "action": "Find keys"
      },
      {
        "name": "Get",
        "value": "kv-key-get",
        "description": "Reads an item by its key: the current value, or the one of an older revision.",
        "action": "Get a key"
      },
      {
        "name": "Get Many",
        "value": "kv-key-get-many",
        "description": "Reads up to 1000 items at once.",
        "action": "Get many keys"
      },
      {
        "name": "Get Or Put",
        "value": "kv-key-get-or-put",
        "description": "Answers the item that is there, or puts this one where there is none, and says which it was.",
        "action": "Get a key or put it"
      },
      {
        "name": "History",
        "value": "kv-key-history",
        "description": "Lists what is kept of a key, oldest first: values as far as the bucket's history goes, and the markers of deletes, purges and expiry.",
        "action": "History of keys"
      },
      {
        "name": "Increment",
        "value": "kv-key-increment",
        "description": "Adds to a counter and answers its new value.",
        "action": "Increment a counter"
      },
      {
        "name": "List",
        "value": "kv-key-list",
        "description": "Lists the live items of a bucket in the order they were last written, page by page, each with its latest value.",
        "action": "List keys"
      },
      {
        "name": "Patch",
        "value": "kv-key-patch",
        "description": "Changes parts of a JSON value, by a merge patch (RFC 7396) or a JSON Patch (RFC 6902), atomically under any number of callers.",
        "action": "Patch a key"
      },
      {
        "name": "Purge",
        "value": "kv-key-purge",
        "description": "Removes items with all their history: one key, or every live key that matches a pattern, and what is left of the deleted ones that do.",
        "action": "Purge keys"
      },
      {
        "name": "Put",
        "value": "kv-key-put",
        "description": "Adds an item to a bucket or replaces it.",
        "action": "Put a key"
      },
      {
        "name": "Put Many",
        "value": "kv-key-put-many",
        "description": "Writes up to 1000 items at once and answers each with an envelope of its own, in order: one that is refused does not stop the others.",
        "action": "Put many keys"
      },
      {
        "name": "Rename",
        "value": "kv-key-rename",
        "description": "Moves an item to another key of its bucket in one commit: nobody sees it twice or not at all.",
        "action": "Rename a key"
      },
      {
        "name": "Revert",
        "value": "kv-key-revert",
        "description": "Writes the value of an older revision again, as a new revision.",
        "action": "Revert a key"
      },
      {
        "name": "Touch",
        "value": "kv-key-touch",
        "description": "Gives an item a new ttl and leaves its value as it is.",
        "action": "Touch a key"
      },
      {
        "name": "Tree",
        "value": "kv-key-tree",
        "description": "Groups the live keys of a bucket by the next part of their name, one level at a time: what there is below a prefix, and how many keys each group holds.",
        "action": "Keys as a tree"
      },
      {
        "name": "Watch",
        "value": "kv-key-watch",
        "description": "Answers changes of a bucket in order: a long poll for callers that cannot hold a stream open.",
        "action": "Watch keys"
      }
    ],
    "default": "kv-key-get"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "lock"
        ]
      }
    },
    "options": [
      {
        "name": "Acquire",
        "value": "kv-lock-acquire",
        "description": "Takes a lock, or one of limit places of a semaphore, for a lease; waits for it if asked to.",
        "action": "Acquire a lock"
      },
      {
        "name": "Release",
        "value": "kv-lock-release",
        "description": "Frees a lock at once.",
        "action": "Release a lock"
      },
      {
        "name": "Renew",
        "value": "kv-lock-renew",
        "description": "Begins the lease of a lock anew and answers its new fencing revision.",
        "action": "Renew a lock"
      }
    ],
    "default": "kv-lock-acquire"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "queue"
        ]
      }
    },
    "options": [
      {
        "name": "Done",
        "value": "kv-queue-done",
        "description": "Takes an item out of its queue, if the lease is still the caller's.",
        "action": "Done with an item"
      },
      {
        "name": "Info",
        "value": "kv-queue-info",
        "description": "Answers how many items a queue has: free, leased or delayed, and put aside after too many tries.",
        "action": "Length of a queue"
      },
      {
        "name": "Push",
        "value": "kv-queue-push",
        "description": "Adds an item to a queue that lives in a bucket: a key of its own, seen by every reader.",
        "action": "Push to a queue"
      },
      {
        "name": "Take",
        "value": "kv-queue-take",
        "description": "Leases the oldest item that is free.",
        "action": "Take from a queue"
      }
    ],
    "default": "kv-queue-done"
  },
  {
    "displayName": "Operation",
    "name": "operation",
    "type": "options",
    "noDataExpression": true,
    "displayOptions": {
      "show": {
        "resource": [
          "transform"
        ]
      }
    },
    "options": [
      {
        "name": "Transform",
        "value": "transform",
        "description": "Runs a user's JavaScript or TypeScript once per event, in a process of its own that reaches nothing but its key-value store $kv.",
        "action": "Transform events with a script"
      },
      {
        "name": "Transform Dead Drop",
        "value": "transform-dead-drop",
        "description": "Gives dead letters of transform up: they are gone for good.",
        "action": "Drop events that a script failed at"
      },
      {
        "name": "Transform Dead List",
        "value": "transform-dead-list",
        "description": "Dead letters of transform: events of calls with on_error dead that failed, each with the reason.",
        "action": "List events that a script failed at"
      },
      {
        "name": "Transform Dead Replay",
        "value": "transform-dead-replay",
        "description": "Gives dead letters of transform to it once more, with the settings of their calls: after the script was mended.",
        "action": "Replay events that a script failed at"
      },
      {
        "name": "Transform Script Compare",
        "value": "transform-script-compare",
        "description": "Runs two versions of a script over the same events, such as those of a file or of a watch, and says which events become something else.",
        "action": "Compare two versions of a script"
      },
      {
        "name": "Transform Script Get",
        "value": "transform-script-get",
        "description": "Reads a stored script, the current version or an older one.",
        "action": "Read a stored script"
      },
      {
        "name": "Transform Script List",
        "value": "transform-script-list",
        "description": "Lists the stored scripts by name, with their current version.",
        "action": "List stored scripts"
      },
      {
        "name": "Transform Script Name",
        "value": "transform-script-name",
        "description": "Gives a version of a script a name, such as stable, by which transform and imports may call it.",
        "action": "Name a version of a script"
      },
      {
        "name": "Transform Script Put",
        "value": "transform-script-put",
        "description": "Stores a script for transform under a name; the versions before are kept.",
        "action": "Store a script"
      },
      {
        "name": "Transform Script Rollback",
        "value": "transform-script-rollback",
        "description": "Stores an older version of a script again, as its newest.",
        "action": "Roll a script back"
      },
      {
        "name": "Transform Script Versions",
        "value": "transform-script-versions",
        "description": "Lists all versions of a script, the newest first, with their names.",
        "action": "List the versions of a script"
      },
      {
        "name": "Transform Secret Delete",
        "value": "transform-secret-delete",
        "description": "Deletes a secret.",
        "action": "Delete a secret of scripts"
      },
      {
        "name": "Transform Secret List",
        "value": "transform-secret-list",
        "description": "Lists the names of the secrets that scripts of a namespace have, or one script alone.",
        "action": "List secrets of scripts"
      },
      {
        "name": "Transform Secret Put",
        "value": "transform-secret-put",
        "description": "Stores a secret that scripts find as secrets.NAME, encrypted (AES-256-GCM) with TRANSFORM_SECRETS_KEY.",
        "action": "Store a secret for scripts"
      },
      {
        "name": "Transform Session List",
        "value": "transform-session-list",
        "description": "What scripts of transform keep in $kv, in one namespace, by pages: each key with its value, when it was written and when it ends.",
        "action": "List what scripts keep"
      },
      {
        "name": "Transform Test",
        "value": "transform-test",
        "description": "Runs a script over sample events without storing anything in $kv, and shows what it would write.",
        "action": "Try a script out"
      }
    ],
    "default": "transform"
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "admin-log-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Action",
        "name": "action",
        "type": "string",
        "default": "",
        "placeholder": "kv-bucket-delete",
        "description": "Only calls of this function, or api-key-added, api-key-changed, api-key-removed."
      },
      {
        "displayName": "Before",
        "name": "before",
        "type": "number",
        "default": 0,
        "description": "Only entries of a lower revision: next of the page before."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "Most to answer."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-dead-drop"
        ]
      }
    },
    "options": [
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Code",
        "name": "code",
        "type": "string",
        "default": "",
        "placeholder": "WAREHOUSE_ERROR",
        "description": "Only those with this error code, such as WAREHOUSE_ERROR."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only of this warehouse. Default: of all."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "identify.warehouse.anonymous_events.default.events/e1",
        "description": "Only the one of this key, as identify-dead-list answers it."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-dead-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Code",
        "name": "code",
        "type": "string",
        "default": "",
        "placeholder": "WAREHOUSE_ERROR",
        "description": "Only those with this error code, such as WAREHOUSE_ERROR."
      },
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "identify.warehouse.anonymous_events.default.events/e1",
        "description": "The cursor of the page before."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only of this warehouse. Default: of all."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "identify.warehouse.anonymous_events.default.events/e1",
        "description": "Only the one of this key, as identify-dead-list answers it."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-dead-replay"
        ]
      }
    },
    "options": [
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Code",
        "name": "code",
        "type": "string",
        "default": "",
        "placeholder": "WAREHOUSE_ERROR",
        "description": "Only those with this error code, such as WAREHOUSE_ERROR."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only of this warehouse. Default: of all."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "identify.warehouse.anonymous_events.default.events/e1",
        "description": "Only the one of this key, as identify-dead-list answers it."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-forget"
        ]
      }
    },
    "options": [
      {
        "displayName": "Anonymous ID",
        "name": "anonymous_id",
        "type": "string",
        "default": "",
        "placeholder": "1",
        "description": "The visitor, by the anonymous id as events have it. Either this or value."
      },
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only of this warehouse. Default: wherever the visitor is known."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      },
      {
        "displayName": "Rows",
        "name": "rows",
        "type": "options",
        "default": "keep",
        "options": [
          {
            "name": "Keep",
            "value": "keep"
          },
          {
            "name": "Clear",
            "value": "clear"
          }
        ],
        "description": "What becomes of rows in the warehouse. keep: they stay as they are. clear: their identity columns become NULL where they hold what the visitor is known as; of rows that kvflow knows of, which are those within lookback_minutes."
      },
      {
        "displayName": "Value",
        "name": "value",
        "type": "string",
        "default": "",
        "placeholder": "a@b.com",
        "description": "The user, by a value that events give at an identification node, such as an id or an email: every visitor who was ever known by it, with all that is kept of that visitor."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-pending-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "warehouse.anonymous_events.default.0a1b2c-0000",
        "description": "The cursor of the page before."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only of this warehouse. Default: of all."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-preview"
        ]
      }
    },
    "options": [
      {
        "displayName": "Anonymous ID Node",
        "name": "anonymous_id_node",
        "type": "string",
        "default": "",
        "placeholder": "/user/anonymous_id",
        "description": "Where the anonymous id is: JSON pointer into the event; alternatives separated by ||, the first that has a value counts. Default: users_recognition.anonymous_id_node of kvflow.yaml, else /user/anonymous_id."
      },
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities, made on first use."
      },
      {
        "displayName": "Conflict",
        "name": "conflict",
        "type": "options",
        "default": "fill",
        "options": [
          {
            "name": "Fill",
            "value": "fill"
          },
          {
            "name": "Overwrite",
            "value": "overwrite"
          },
          {
            "name": "Skip",
            "value": "skip"
          }
        ],
        "description": "What happens to a row that has an identity already. fill: only what is NULL is set, and nothing where it contradicts. overwrite: the new identity replaces it. skip: such rows stay as they are."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Name of a warehouse in kvflow.yaml. Without one nothing is written, and recognized events are answered to be loaded by the flow."
      },
      {
        "displayName": "Event",
        "name": "event",
        "type": "json",
        "default": "{\"event_type\":\"page\",\"event_id\":\"event1\",\"user\":{\"anonymous_id\":\"1\"}}",
        "description": "One event."
      },
      {
        "displayName": "Events",
        "name": "events",
        "type": "json",
        "default": "[{\"event_type\":\"page\",\"event_id\":\"event1\",\"user\":{\"anonymous_id\":\"1\"}},{\"event_type\":\"login\",\"event_id\":\"event3\",\"user\":{\"anonymous_id\":\"1\",\"email\":\"a@b.com\"}}]",
        "description": "Several events, 1 to 1000, in order. Give event or events."
      },
      {
        "displayName": "Identification Nodes",
        "name": "identification_nodes",
        "type": "json",
        "default": "[\"/user/id\",\"/eventn_ctx/user/email||/user/email\"]",
        "description": "Where the user's identity is, a path for each column to amend: JSON pointer into the event; alternatives separated by ||, the first that has a value counts. Default: users_recognition.identification_nodes of kvflow.yaml, else /user/id and /user/email."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many rows are shown."
      },
      {
        "displayName": "Load",
        "name": "load",
        "type": "boolean",
        "default": true,
        "description": "Store the events themselves too, with an upsert by primary_key_fields. false: another system does, and rows are only amended."
      },
      {
        "displayName": "Lookback Minutes",
        "name": "lookback_minutes",
        "type": "number",
        "default": 1,
        "description": "How long anonymous events and identities are remembered. Default: users_recognition.ttl_minutes of kvflow.yaml, else 10080, which is 7 days."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      },
      {
        "displayName": "No Identity Values",
        "name": "no_identity_values",
        "type": "json",
        "default": "[\"null\",\"guest\"]",
        "description": "Values that name nobody, compared in lower case: neither an identity nor an anonymous id. Empty text and ids of zeros alone never name anybody. Default: users_recognition.no_identity_values of kvflow.yaml, else null, undefined, anonymous, none and -1."
      },
      {
        "displayName": "Normalize",
        "name": "normalize",
        "type": "json",
        "default": "[\"/user/id=lower\"]",
        "description": "How texts of an identification node are compared: <node>=exact, letter by letter; <node>=trim, without the spaces around them; <node>=lower, also in whatever case. What is stored stays as it was sent. Default: users_recognition.normalize of kvflow.yaml, else lower for nodes that end in email and exact for all others."
      },
      {
        "displayName": "Primary Key Fields",
        "name": "primary_key_fields",
        "type": "json",
        "default": "[\"event_id\"]",
        "description": "Fields that tell rows apart: columns (user_id) or paths (/user/id). Default: the destination's. Without a destination they tell events apart; where they are left out then, an event's content does."
      },
      {
        "displayName": "Skip Bots",
        "name": "skip_bots",
        "type": "boolean",
        "default": true,
        "description": "Events whose user agent is a robot's, by the list of the package isbot, are loaded, but never remembered and never amended."
      },
      {
        "displayName": "Table",
        "name": "table",
        "type": "string",
        "default": "",
        "placeholder": "events",
        "description": "Table of the events. Default: the destination's. JITSU_TABLE_NAME in an event overrides it: with one that the destination lists (tables in kvflow.yaml) or, where it lists none, that the API key may name."
      },
      {
        "displayName": "Timestamp Node",
        "name": "timestamp_node",
        "type": "string",
        "default": "",
        "placeholder": "/timestamp",
        "description": "When an event happened: JSON pointer into the event; alternatives separated by ||, the first that holds a time counts: RFC 3339, or seconds, milli-, micro- or nanoseconds since 1970. It decides which login is later, and whose the events between two logins are; an event without it happened when it first arrived. Default: users_recognition.timestamp_node of kvflow.yaml, else the usual fields of trackers (timestamp, _timestamp, utc_time, event_time, originalTimestamp, created_at, time...)."
      },
      {
        "displayName": "Undo",
        "name": "undo",
        "type": "string",
        "default": "",
        "placeholder": "1",
        "description": "Preview the undo of this anonymous id instead of a call: event and events are left out then."
      },
      {
        "displayName": "User Agent Node",
        "name": "user_agent_node",
        "type": "string",
        "default": "",
        "placeholder": "/user_agent",
        "description": "Where the user agent is: JSON pointer into the event; alternatives separated by ||. Default: users_recognition.user_agent_node of kvflow.yaml, else /user_agent, /eventn_ctx/user_agent and /context/userAgent."
      }
    ]
  },
  {
    "displayName": "Anonymous ID",
    "name": "anonymous_id",
    "type": "string",
    "default": "",
    "placeholder": "1",
    "description": "The anonymous id as events have it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "identify-undo"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-undo"
        ]
      }
    },
    "options": [
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "resourceLocator",
        "default": {
          "mode": "list",
          "value": ""
        },
        "modes": [
          {
            "displayName": "From List",
            "name": "list",
            "type": "list",
            "typeOptions": {
              "searchListMethod": "searchBuckets",
              "searchable": true
            }
          },
          {
            "displayName": "By Name",
            "name": "name",
            "type": "string",
            "placeholder": "user-preferences"
          }
        ],
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only in this warehouse. Default: wherever the visitor was recognized."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      }
    ]
  },
  {
    "displayName": "Anonymous ID",
    "name": "anonymous_id",
    "type": "string",
    "default": "",
    "placeholder": "1",
    "description": "The anonymous id as events have it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "identify-visitor-get"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-visitor-get"
        ]
      }
    },
    "options": [
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only in this warehouse. Default: wherever the visitor is known."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many events and so many changes of each destination."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify-visitor-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities."
      },
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "default.warehouse.1",
        "description": "The cursor of the page before."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Only of this warehouse. Default: of all."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      },
      {
        "displayName": "Value",
        "name": "value",
        "type": "string",
        "default": "",
        "placeholder": "a@b.com",
        "description": "Only visitors who were ever known by this value of an identification node. 10,000 visitors are looked through for one answer."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "identify"
        ]
      }
    },
    "options": [
      {
        "displayName": "Anonymous ID Node",
        "name": "anonymous_id_node",
        "type": "string",
        "default": "",
        "placeholder": "/user/anonymous_id",
        "description": "Where the anonymous id is: JSON pointer into the event; alternatives separated by ||, the first that has a value counts. Default: users_recognition.anonymous_id_node of kvflow.yaml, else /user/anonymous_id."
      },
      {
        "displayName": "Bucket",
        "name": "bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of remembered events and identities, made on first use."
      },
      {
        "displayName": "Conflict",
        "name": "conflict",
        "type": "options",
        "default": "fill",
        "options": [
          {
            "name": "Fill",
            "value": "fill"
          },
          {
            "name": "Overwrite",
            "value": "overwrite"
          },
          {
            "name": "Skip",
            "value": "skip"
          }
        ],
        "description": "What happens to a row that has an identity already. fill: only what is NULL is set, and nothing where it contradicts. overwrite: the new identity replaces it. skip: such rows stay as they are."
      },
      {
        "displayName": "Destination",
        "name": "destination",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Name of a warehouse in kvflow.yaml. Without one nothing is written, and recognized events are answered to be loaded by the flow."
      },
      {
        "displayName": "Event",
        "name": "event",
        "type": "json",
        "default": "{\"event_type\":\"page\",\"event_id\":\"event1\",\"user\":{\"anonymous_id\":\"1\"}}",
        "description": "One event."
      },
      {
        "displayName": "Events",
        "name": "events",
        "type": "json",
        "default": "[{\"event_type\":\"page\",\"event_id\":\"event1\",\"user\":{\"anonymous_id\":\"1\"}},{\"event_type\":\"login\",\"event_id\":\"event3\",\"user\":{\"anonymous_id\":\"1\",\"email\":\"a@b.com\"}}]",
        "description": "Several events, 1 to 1000, in order. Give event or events."
      },
      {
        "displayName": "Identification Nodes",
        "name": "identification_nodes",
        "type": "json",
        "default": "[\"/user/id\",\"/eventn_ctx/user/email||/user/email\"]",
        "description": "Where the user's identity is, a path for each column to amend: JSON pointer into the event; alternatives separated by ||, the first that has a value counts. Default: users_recognition.identification_nodes of kvflow.yaml, else /user/id and /user/email."
      },
      {
        "displayName": "Include Events",
        "name": "include_events",
        "type": "boolean",
        "default": true,
        "description": "Answer the events, the recognized earlier ones too. false: the answer has only counts, and nothing is read for it, which makes recognizing many events faster; needs a destination."
      },
      {
        "displayName": "Load",
        "name": "load",
        "type": "boolean",
        "default": true,
        "description": "Store the events themselves too, with an upsert by primary_key_fields. false: another system does, and rows are only amended."
      },
      {
        "displayName": "Lookback Minutes",
        "name": "lookback_minutes",
        "type": "number",
        "default": 1,
        "description": "How long anonymous events and identities are remembered. Default: users_recognition.ttl_minutes of kvflow.yaml, else 10080, which is 7 days."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Keeps visitors of one tenant apart from those of others."
      },
      {
        "displayName": "No Identity Values",
        "name": "no_identity_values",
        "type": "json",
        "default": "[\"null\",\"guest\"]",
        "description": "Values that name nobody, compared in lower case: neither an identity nor an anonymous id. Empty text and ids of zeros alone never name anybody. Default: users_recognition.no_identity_values of kvflow.yaml, else null, undefined, anonymous, none and -1."
      },
      {
        "displayName": "Normalize",
        "name": "normalize",
        "type": "json",
        "default": "[\"/user/id=lower\"]",
        "description": "How texts of an identification node are compared: <node>=exact, letter by letter; <node>=trim, without the spaces around them; <node>=lower, also in whatever case. What is stored stays as it was sent. Default: users_recognition.normalize of kvflow.yaml, else lower for nodes that end in email and exact for all others."
      },
      {
        "displayName": "Primary Key Fields",
        "name": "primary_key_fields",
        "type": "json",
        "default": "[\"event_id\"]",
        "description": "Fields that tell rows apart: columns (user_id) or paths (/user/id). Default: the destination's. Without a destination they tell events apart; where they are left out then, an event's content does."
      },
      {
        "displayName": "Skip Bots",
        "name": "skip_bots",
        "type": "boolean",
        "default": true,
        "description": "Events whose user agent is a robot's, by the list of the package isbot, are loaded, but never remembered and never amended."
      },
      {
        "displayName": "Table",
        "name": "table",
        "type": "string",
        "default": "",
        "placeholder": "events",
        "description": "Table of the events. Default: the destination's. JITSU_TABLE_NAME in an event overrides it: with one that the destination lists (tables in kvflow.yaml) or, where it lists none, that the API key may name."
      },
      {
        "displayName": "Timestamp Node",
        "name": "timestamp_node",
        "type": "string",
        "default": "",
        "placeholder": "/timestamp",
        "description": "When an event happened: JSON pointer into the event; alternatives separated by ||, the first that holds a time counts: RFC 3339, or seconds, milli-, micro- or nanoseconds since 1970. It decides which login is later, and whose the events between two logins are; an event without it happened when it first arrived. Default: users_recognition.timestamp_node of kvflow.yaml, else the usual fields of trackers (timestamp, _timestamp, utc_time, event_time, originalTimestamp, created_at, time...)."
      },
      {
        "displayName": "User Agent Node",
        "name": "user_agent_node",
        "type": "string",
        "default": "",
        "placeholder": "/user_agent",
        "description": "Where the user agent is: JSON pointer into the event; alternatives separated by ||. Default: users_recognition.user_agent_node of kvflow.yaml, else /user_agent, /eventn_ctx/user_agent and /context/userAgent."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-changes"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-changes"
        ]
      }
    },
    "options": [
      {
        "displayName": "Before",
        "name": "before",
        "type": "number",
        "default": 0,
        "description": "Only changes of a lower revision: next of the page before."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "Most to answer."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-clone"
        ]
      }
    }
  },
  {
    "displayName": "To",
    "name": "to",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket to make. There must be none of this name.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-clone"
        ]
      }
    }
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-compact"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-compact"
        ]
      }
    },
    "options": [
      {
        "displayName": "Dry Run",
        "name": "dry_run",
        "type": "boolean",
        "default": false,
        "description": "Counts what would be dropped and drops nothing."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Older Than (Seconds)",
        "name": "older_than",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Only markers that are older than this."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Bucket to copy from.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-copy"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-copy"
        ]
      }
    },
    "options": [
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "eyJ1bnRpbCI6MTAwfQ",
        "description": "Goes on where a call before has stopped: its cursor."
      },
      {
        "displayName": "Dry Run",
        "name": "dry_run",
        "type": "boolean",
        "default": false,
        "description": "Only counts what would be copied. Values are not held against a value_schema."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "On Conflict",
        "name": "on_conflict",
        "type": "options",
        "default": "skip",
        "options": [
          {
            "name": "Skip",
            "value": "skip"
          },
          {
            "name": "Overwrite",
            "value": "overwrite"
          },
          {
            "name": "Fail",
            "value": "fail"
          }
        ],
        "description": "A key that is there already: is left as it is, is written over, or ends the copy."
      },
      {
        "displayName": "Prefix",
        "name": "prefix",
        "type": "string",
        "default": "",
        "placeholder": "app.",
        "description": "Copies only the keys that begin so."
      },
      {
        "displayName": "Query",
        "name": "query",
        "type": "string",
        "default": "",
        "placeholder": "tenant8_ size>10k",
        "description": "Copies only what kv-key-find finds by this."
      },
      {
        "displayName": "To Bucket",
        "name": "to_bucket",
        "type": "resourceLocator",
        "default": {
          "mode": "list",
          "value": ""
        },
        "modes": [
          {
            "displayName": "From List",
            "name": "list",
            "type": "list",
            "typeOptions": {
              "searchListMethod": "searchBuckets",
              "searchable": true
            }
          },
          {
            "displayName": "By Name",
            "name": "name",
            "type": "string",
            "placeholder": "user-preferences"
          }
        ],
        "description": "Bucket to copy to. Default: the same bucket, then with to_prefix."
      },
      {
        "displayName": "To Prefix",
        "name": "to_prefix",
        "type": "string",
        "default": "",
        "placeholder": "backup.app.",
        "description": "What the copies' keys begin with in place of prefix. Default: prefix."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket to create: letters, digits, dashes and underscores. Cannot be changed later.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-create"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-create"
        ]
      }
    },
    "options": [
      {
        "displayName": "Compression",
        "name": "compression",
        "type": "boolean",
        "default": false,
        "description": "Compresses the bucket on disk (S2)."
      },
      {
        "displayName": "Description",
        "name": "description",
        "type": "string",
        "default": "",
        "placeholder": "Settings of each user",
        "description": "What the bucket is for."
      },
      {
        "displayName": "History",
        "name": "history",
        "type": "number",
        "default": 1,
        "description": "Values kept per key, the current one included."
      },
      {
        "displayName": "Key Encoding",
        "name": "key_encoding",
        "type": "options",
        "default": "none",
        "options": [
          {
            "name": "None",
            "value": "none"
          },
          {
            "name": "Base64",
            "value": "base64"
          }
        ],
        "description": "base64 takes any text as a key (dots still separate tokens) and keeps it encoded, as NATS ADR-54 has it, without padding; what other clients wrote with padding (nats.js) or as it is, is the same key. Cannot be changed later."
      },
      {
        "displayName": "Key TTL",
        "name": "key_ttl",
        "type": "boolean",
        "default": false,
        "description": "Allows a ttl per key. Cannot be turned off again. Needs nats-server 2.11."
      },
      {
        "displayName": "Marker TTL (Seconds)",
        "name": "marker_ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. How long the server keeps a marker where an item expired: mirrors, and watches that were away no longer, hear of the end by it."
      },
      {
        "displayName": "Max Bytes",
        "name": "max_bytes",
        "type": "number",
        "default": -1,
        "description": "Most bytes the bucket may hold; writes beyond are refused with BUCKET_FULL. -1: no limit."
      },
      {
        "displayName": "Max Value Size",
        "name": "max_value_size",
        "type": "number",
        "default": -1,
        "description": "Most bytes one value may have; what kvflow keeps beside it has room of its own. -1: only the server's own limit."
      },
      {
        "displayName": "Metadata",
        "name": "metadata",
        "type": "json",
        "default": "{}",
        "description": "Your own names and values, kept with the bucket. Names that begin with _nats or kvflow. are reserved."
      },
      {
        "displayName": "Mirror",
        "name": "mirror",
        "type": "json",
        "default": "{\"name\":\"product-config\"}",
        "description": "Makes the bucket a copy of another: it reads locally and sends writes to its origin."
      },
      {
        "displayName": "Num Replicas",
        "name": "num_replicas",
        "type": "options",
        "default": 1,
        "options": [
          {
            "name": "1",
            "value": 1
          },
          {
            "name": "2",
            "value": 2
          },
          {
            "name": "3",
            "value": 3
          },
          {
            "name": "4",
            "value": 4
          },
          {
            "name": "5",
            "value": 5
          }
        ],
        "description": "Servers of a cluster that keep a copy."
      },
      {
        "displayName": "Placement",
        "name": "placement",
        "type": "json",
        "default": "{\"cluster\":\"eu-west\",\"tags\":[\"ssd\"]}",
        "description": "Where in a cluster the bucket is kept."
      },
      {
        "displayName": "Republish",
        "name": "republish",
        "type": "json",
        "default": "{\"source\":\"$KV.user-preferences.>\",\"dest\":\"changes.>\"}",
        "description": "Publishes every write again, right after it was stored, on another subject."
      },
      {
        "displayName": "Sources",
        "name": "sources",
        "type": "json",
        "default": "[{\"name\":\"orders-eu\"},{\"name\":\"orders-us\"}]",
        "description": "Buckets whose items are gathered into this one, under this one's name."
      },
      {
        "displayName": "Storage",
        "name": "storage",
        "type": "options",
        "default": "file",
        "options": [
          {
            "name": "File",
            "value": "file"
          },
          {
            "name": "Memory",
            "value": "memory"
          }
        ],
        "description": "file survives a restart of the server; memory is faster and does not. Cannot be changed later."
      },
      {
        "displayName": "Transactions",
        "name": "transactions",
        "type": "boolean",
        "default": false,
        "description": "Several keys can be written in one commit (kv-transact). Default: true where the server can (nats-server 2.12) and the bucket is no mirror. true asks for it: an older server refuses."
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Time-to-live of every item, at least 100 ms."
      },
      {
        "displayName": "Value Schema",
        "name": "value_schema",
        "type": "json",
        "default": "{\"type\":\"object\",\"required\":[\"email\"],\"properties\":{\"email\":{\"type\":\"string\"}}}",
        "description": "JSON Schema (2020-12, at most 16 KiB) that the values of writes must fit: a violation is INVALID_INPUT with the places in the value. A value is what its JSON holds; text that is no JSON is a text. Regular expressions are those of RE2; a $ref leads to a part of the schema itself and never back. Writes by other NATS clients are not checked."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket to delete.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-delete"
        ]
      }
    }
  },
  {
    "displayName": "Confirm",
    "name": "confirm",
    "type": "string",
    "default": "",
    "placeholder": "user-preferences",
    "description": "The bucket's name once more, so that nothing is deleted by accident.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-delete"
        ]
      }
    }
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-diff"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-diff"
        ]
      }
    },
    "options": [
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "Most keys to answer."
      },
      {
        "displayName": "Since",
        "name": "since",
        "type": "string",
        "default": "",
        "placeholder": "2026-01-31T12:00:00.000Z",
        "description": "The earlier moment; this or since_revision."
      },
      {
        "displayName": "Since Revision",
        "name": "since_revision",
        "type": "number",
        "default": 0,
        "description": "The earlier moment: right after this revision of the bucket; 0 is before everything. This or since."
      },
      {
        "displayName": "Start Seq",
        "name": "start_seq",
        "type": "number",
        "default": 0,
        "description": "Goes on after this revision: next_seq of the call before."
      },
      {
        "displayName": "Until",
        "name": "until",
        "type": "string",
        "default": "",
        "placeholder": "2026-01-31T12:00:00.000Z",
        "description": "The later moment. Default: now."
      },
      {
        "displayName": "Until Revision",
        "name": "until_revision",
        "type": "number",
        "default": 0,
        "description": "The later moment: right after this revision of the bucket. This or until."
      },
      {
        "displayName": "Values",
        "name": "values",
        "type": "boolean",
        "default": false,
        "description": "Answers the values too; a page ends at about 4 MiB of them."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-export"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-export"
        ]
      }
    },
    "options": [
      {
        "displayName": "After",
        "name": "after",
        "type": "number",
        "default": 0,
        "description": "Only items written after this sequence number: next of the page before. 0: the first page."
      },
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "c1.mdw2k8a0.1000.Hq3vB0c1x9aZ.2",
        "description": "cursor of the page before, in place of after: then every key comes once, whatever is written meanwhile. The process that answered keeps what came for 45 seconds after each page; after that, or in another process, a key that was written again may come again, and none is left out."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "History",
        "name": "history",
        "type": "boolean",
        "default": false,
        "description": "Answer all that is kept of each key in place of its live item: past values and what ended them too, in the order they were written. Every revision comes once, and pages go on with after alone."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 1000,
        "description": "Most items on the page."
      },
      {
        "displayName": "Query",
        "name": "query",
        "type": "string",
        "default": "",
        "placeholder": "size>1M age>30d",
        "description": "Answers only what kv-key-find finds by this; a page may then have fewer items than limit, or none. Not with history."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket to write into.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-import"
        ]
      }
    }
  },
  {
    "displayName": "Records",
    "name": "records",
    "type": "json",
    "default": "[{\"key\":\"user.1\",\"value\":\"{\\\"theme\\\":\\\"dark\\\"}\"}]",
    "description": "Items to write, 1 to 1000.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-import"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-import"
        ]
      }
    },
    "options": [
      {
        "displayName": "History Of",
        "name": "history_of",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences.mdw2k8a0",
        "description": "Which bucket the records are all that is kept of, as kv-bucket-export answers it with history. Records are then written in their order, past values and deletes too; a key that has anything of another origin is a conflict, and one that was imported in part goes on where it stands."
      },
      {
        "displayName": "On Conflict",
        "name": "on_conflict",
        "type": "options",
        "default": "skip",
        "options": [
          {
            "name": "Skip",
            "value": "skip"
          },
          {
            "name": "Overwrite",
            "value": "overwrite"
          },
          {
            "name": "Fail",
            "value": "fail"
          }
        ],
        "description": "What to do about a key that exists. skip: keep what is there; overwrite: replace it; fail: answer REVISION_CONFLICT, which names the key. Keys that exist when the call begins make fail refuse all of its records."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-info"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Include Own",
        "name": "include_own",
        "type": "boolean",
        "default": false,
        "description": "true lists kvflow_admin_log and kvflow_scheduled too, which kvflow makes for itself."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-restore-at"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-restore-at"
        ]
      }
    },
    "options": [
      {
        "displayName": "At",
        "name": "at",
        "type": "string",
        "default": "",
        "placeholder": "2026-01-31T12:00:00.000Z",
        "description": "The moment; this or revision."
      },
      {
        "displayName": "Dry Run",
        "name": "dry_run",
        "type": "boolean",
        "default": false,
        "description": "Only tells what would be done."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 1000,
        "description": "Most keys to restore in one call."
      },
      {
        "displayName": "Revision",
        "name": "revision",
        "type": "number",
        "default": 0,
        "description": "The moment: right after this revision of the bucket; 0 is before everything. This or at."
      },
      {
        "displayName": "Start Seq",
        "name": "start_seq",
        "type": "number",
        "default": 0,
        "description": "Goes on after this revision: next_seq of the call before."
      },
      {
        "displayName": "Until Revision",
        "name": "until_revision",
        "type": "number",
        "default": 0,
        "description": "What was written after this revision is kept as it is: until_revision of the call before. Default: the bucket's last."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Bucket to send from.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-send"
        ]
      }
    }
  },
  {
    "displayName": "URL",
    "name": "url",
    "type": "string",
    "default": "",
    "placeholder": "https://kvflow.example.com",
    "description": "Address of the other kvflow's server.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-send"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-send"
        ]
      }
    },
    "options": [
      {
        "displayName": "Api Key",
        "name": "api_key",
        "type": "string",
        "default": "",
        "placeholder": "kvf_2a9c",
        "description": "API key of the other kvflow, which has to be allowed to write there. Nothing answers it again."
      },
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "eyJ1bnRpbCI6MTAwfQ",
        "description": "Goes on where a call before has stopped: its cursor."
      },
      {
        "displayName": "Dry Run",
        "name": "dry_run",
        "type": "boolean",
        "default": false,
        "description": "Only counts what would be sent, and asks the other kvflow for the bucket."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "On Conflict",
        "name": "on_conflict",
        "type": "options",
        "default": "skip",
        "options": [
          {
            "name": "Skip",
            "value": "skip"
          },
          {
            "name": "Overwrite",
            "value": "overwrite"
          }
        ],
        "description": "A key that is there already: is left as it is, or is written over."
      },
      {
        "displayName": "Prefix",
        "name": "prefix",
        "type": "string",
        "default": "",
        "placeholder": "app.",
        "description": "Copies only the keys that begin so."
      },
      {
        "displayName": "Query",
        "name": "query",
        "type": "string",
        "default": "",
        "placeholder": "tenant8_ size>10k",
        "description": "Sends only what kv-key-find finds by this."
      },
      {
        "displayName": "To Bucket",
        "name": "to_bucket",
        "type": "string",
        "default": "",
        "placeholder": "staging",
        "description": "Bucket there, which has to exist. Default: of the same name."
      },
      {
        "displayName": "To Prefix",
        "name": "to_prefix",
        "type": "string",
        "default": "",
        "placeholder": "backup.app.",
        "description": "What the copies' keys begin with in place of prefix. Default: prefix."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket to change.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-update"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-update"
        ]
      }
    },
    "options": [
      {
        "displayName": "Compression",
        "name": "compression",
        "type": "boolean",
        "default": false,
        "description": "Compresses the bucket on disk (S2)."
      },
      {
        "displayName": "Description",
        "name": "description",
        "type": "string",
        "default": "",
        "placeholder": "Settings of each user",
        "description": "What the bucket is for."
      },
      {
        "displayName": "History",
        "name": "history",
        "type": "number",
        "default": 1,
        "description": "Values kept per key, the current one included. Lowering it deletes older values at once."
      },
      {
        "displayName": "Key Encoding",
        "name": "key_encoding",
        "type": "options",
        "default": "none",
        "options": [
          {
            "name": "None",
            "value": "none"
          },
          {
            "name": "Base64",
            "value": "base64"
          }
        ],
        "description": "Cannot be changed: any other encoding than the bucket has is refused with IMMUTABLE."
      },
      {
        "displayName": "Key TTL",
        "name": "key_ttl",
        "type": "boolean",
        "default": false,
        "description": "Allows a ttl per key. Cannot be turned off again. Needs nats-server 2.11."
      },
      {
        "displayName": "Marker TTL (Seconds)",
        "name": "marker_ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. How long the server keeps a marker where an item expired: mirrors, and watches that were away no longer, hear of the end by it."
      },
      {
        "displayName": "Max Bytes",
        "name": "max_bytes",
        "type": "number",
        "default": -1,
        "description": "Most bytes the bucket may hold; writes beyond are refused with BUCKET_FULL. -1: no limit."
      },
      {
        "displayName": "Max Value Size",
        "name": "max_value_size",
        "type": "number",
        "default": -1,
        "description": "Most bytes one value may have; what kvflow keeps beside it has room of its own. -1: only the server's own limit."
      },
      {
        "displayName": "Metadata",
        "name": "metadata",
        "type": "json",
        "default": "{\"team\":\"growth\"}",
        "description": "Your own names and values, in place of those there are; {} takes them away. Names that begin with _nats or kvflow. are reserved."
      },
      {
        "displayName": "Mirror",
        "name": "mirror",
        "type": "json",
        "default": "{}",
        "description": "null makes a mirror a bucket of its own, with the items it has. Nothing else is taken: which bucket a mirror copies cannot be changed."
      },
      {
        "displayName": "Num Replicas",
        "name": "num_replicas",
        "type": "options",
        "default": 1,
        "options": [
          {
            "name": "1",
            "value": 1
          },
          {
            "name": "2",
            "value": 2
          },
          {
            "name": "3",
            "value": 3
          },
          {
            "name": "4",
            "value": 4
          },
          {
            "name": "5",
            "value": 5
          }
        ],
        "description": "Servers of a cluster that keep a copy."
      },
      {
        "displayName": "Placement",
        "name": "placement",
        "type": "json",
        "default": "{\"cluster\":\"eu-west\",\"tags\":[\"ssd\"]}",
        "description": "Where in a cluster the bucket is kept; null: anywhere."
      },
      {
        "displayName": "Republish",
        "name": "republish",
        "type": "json",
        "default": "{\"source\":\"$KV.user-preferences.>\",\"dest\":\"changes.>\"}",
        "description": "Publishes every write again, right after it was stored, on another subject; null: no more."
      },
      {
        "displayName": "Sources",
        "name": "sources",
        "type": "json",
        "default": "[{\"name\":\"orders-eu\"},{\"name\":\"orders-us\"}]",
        "description": "Buckets whose items are gathered into this one, under this one's name, in place of those there are; []: none."
      },
      {
        "displayName": "Storage",
        "name": "storage",
        "type": "options",
        "default": "file",
        "options": [
          {
            "name": "File",
            "value": "file"
          },
          {
            "name": "Memory",
            "value": "memory"
          }
        ],
        "description": "Cannot be changed: any other storage than the bucket has is refused with IMMUTABLE."
      },
      {
        "displayName": "Transactions",
        "name": "transactions",
        "type": "boolean",
        "default": false,
        "description": "Turns commits over several keys (kv-transact) on or off. Buckets made before there were any have them off. Needs nats-server 2.12; not for mirrors."
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Time-to-live of every item, at least 100 ms."
      },
      {
        "displayName": "Value Schema",
        "name": "value_schema",
        "type": "json",
        "default": "{\"type\":\"object\",\"required\":[\"email\"],\"properties\":{\"email\":{\"type\":\"string\"}}}",
        "description": "Another JSON Schema for the values of writes from now on, in every process within a second; values stored before stay as they are. null takes it away."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-usage"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-bucket-usage"
        ]
      }
    },
    "options": [
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "eyJwaGFzZSI6ImxpdmUiLCJhZnRlciI6MH0",
        "description": "Goes on where a call before has stopped: its cursor."
      },
      {
        "displayName": "Depth",
        "name": "depth",
        "type": "number",
        "default": 1,
        "description": "How many parts of a key make its group."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "Most groups, and most of the largest items, to answer."
      },
      {
        "displayName": "Recent (Seconds)",
        "name": "recent",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. What was stored within so long counts as recent."
      },
      {
        "displayName": "Separator",
        "name": "separator",
        "type": "string",
        "default": ".",
        "placeholder": "_",
        "description": "What stands between the parts of a key."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-append"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-append"
        ]
      }
    }
  },
  {
    "displayName": "Value",
    "name": "value",
    "type": "string",
    "typeOptions": {
      "rows": 3
    },
    "default": "",
    "description": "What is added: an item of the list, or text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-append"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-append"
        ]
      }
    },
    "options": [
      {
        "displayName": "As",
        "name": "as",
        "type": "options",
        "default": "list",
        "options": [
          {
            "name": "List",
            "value": "list"
          },
          {
            "name": "Text",
            "value": "text"
          }
        ],
        "description": "list: the value is a JSON array, and a new item is added to it. text: text is added at its end."
      },
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 0,
        "description": "Writes only if this is the key's current revision. 0: only if the key does not exist; deleted and expired keys do not."
      },
      {
        "displayName": "Max",
        "name": "max",
        "type": "number",
        "default": 1,
        "description": "Most items, or characters of a text, that are kept; the oldest go. Default: all."
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Time-to-live from the first write; later ones do not move the end."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-copy"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-copy"
        ]
      }
    }
  },
  {
    "displayName": "To",
    "name": "to",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the copy.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-copy"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-copy"
        ]
      }
    },
    "options": [
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 0,
        "description": "Writes only if this is the key's current revision. 0: only if the key does not exist; deleted and expired keys do not."
      },
      {
        "displayName": "Overwrite",
        "name": "overwrite",
        "type": "boolean",
        "default": false,
        "description": "true replaces an item that is there; false refuses with REVISION_CONFLICT."
      },
      {
        "displayName": "To Bucket",
        "name": "to_bucket",
        "type": "resourceLocator",
        "default": {
          "mode": "list",
          "value": ""
        },
        "modes": [
          {
            "displayName": "From List",
            "name": "list",
            "type": "list",
            "typeOptions": {
              "searchListMethod": "searchBuckets",
              "searchable": true
            }
          },
          {
            "displayName": "By Name",
            "name": "name",
            "type": "string",
            "placeholder": "user-preferences"
          }
        ],
        "description": "Bucket of the copy. Default: the same. An item with a ttl of its own goes only where key_ttl is on."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-delete"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-delete"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-delete"
        ]
      }
    },
    "options": [
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 1,
        "description": "Deletes only if this is the key's current revision."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-find"
        ]
      }
    }
  },
  {
    "displayName": "Query",
    "name": "query",
    "type": "string",
    "default": "",
    "placeholder": "tenant8_ size>10k",
    "description": "Words that must all hold: part of a name (upper and lower case alike), a glob for the whole name (user.*), /a regular expression/ of RE2 (/.../i for both cases), value:word, size>10k, age<1d, ttl<1h. Put double quotes around words with spaces.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-find"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-find"
        ]
      }
    },
    "options": [
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "Most items to answer."
      },
      {
        "displayName": "Start Seq",
        "name": "start_seq",
        "type": "number",
        "default": 0,
        "description": "Looks only at items after this sequence number: next_seq of the call before."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get-many"
        ]
      }
    }
  },
  {
    "displayName": "Keys",
    "name": "keys",
    "type": "json",
    "default": "[\"user.1\",\"user.2\"]",
    "description": "Keys to read, 1 to 1000; one that is named twice is answered once.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get-many"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get-many"
        ]
      }
    },
    "options": [
      {
        "displayName": "Consistent",
        "name": "consistent",
        "type": "boolean",
        "default": false,
        "description": "true answers all items as they stood together at one revision of the bucket: of keys written in one commit (kv-transact) all are seen or none. Not for mirrors."
      },
      {
        "displayName": "JSON",
        "name": "json",
        "type": "boolean",
        "default": false,
        "description": "true parses each value as JSON; false answers the raw text."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get-or-put"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get-or-put"
        ]
      }
    }
  },
  {
    "displayName": "Value",
    "name": "value",
    "type": "string",
    "typeOptions": {
      "rows": 3
    },
    "default": "",
    "description": "What is put where nothing is: text, or an object or array, which is stored as JSON.",
    "required": false,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get-or-put"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get-or-put"
        ]
      }
    },
    "options": [
      {
        "displayName": "Content Type",
        "name": "content_type",
        "type": "string",
        "default": "",
        "placeholder": "image/png",
        "description": "Media type of the value, kept with the item until it is put again."
      },
      {
        "displayName": "Encoding",
        "name": "encoding",
        "type": "options",
        "default": "utf8",
        "options": [
          {
            "name": "Utf8",
            "value": "utf8"
          },
          {
            "name": "Base64",
            "value": "base64"
          }
        ],
        "description": "base64: the value is base64 text (RFC 4648) and its bytes are stored. utf8: the value is stored as it is."
      },
      {
        "displayName": "Input Binary Field",
        "name": "inputBinaryField",
        "type": "string",
        "default": "data",
        "hint": "The name of the input field containing the file to be stored",
        "description": "Field of the item that has the bytes to store, in place of Value"
      },
      {
        "displayName": "Metadata",
        "name": "metadata",
        "type": "json",
        "default": "{\"source\":\"import\"}",
        "description": "Your own names and texts, kept with the item until it is put again; at most 1 KiB as JSON."
      },
      {
        "displayName": "Put Output File in Field",
        "name": "outputBinaryField",
        "type": "string",
        "default": "data",
        "hint": "The name of the output binary field to put the file in",
        "description": "Answer the value as a file in this field of the item, in place of JSON"
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Time-to-live of this item; exact on reads."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-get"
        ]
      }
    },
    "options": [
      {
        "displayName": "Consistency",
        "name": "consistency",
        "type": "options",
        "default": "leader",
        "options": [
          {
            "name": "Leader",
            "value": "leader"
          },
          {
            "name": "Any",
            "value": "any"
          }
        ],
        "description": "leader: sees every acknowledged write. any: may be answered by any replica or mirror, which is faster on buckets with replicas and may be a moment old."
      },
      {
        "displayName": "JSON",
        "name": "json",
        "type": "boolean",
        "default": false,
        "description": "true parses the value as JSON; false answers the raw text."
      },
      {
        "displayName": "Put Output File in Field",
        "name": "outputBinaryField",
        "type": "string",
        "default": "data",
        "hint": "The name of the output binary field to put the file in",
        "description": "Answer the value as a file in this field of the item, in place of JSON"
      },
      {
        "displayName": "Revision",
        "name": "revision",
        "type": "number",
        "default": 1,
        "description": "Reads this revision of the key instead of the current one, if the bucket's history still has it."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-history"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-history"
        ]
      }
    },
    "options": [
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": "",
        "placeholder": "user.*",
        "description": "Lists the history of every key that matches, deleted ones too: * stands for one token between dots, > for one or more tokens at the end. Give key or filter, exactly one."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "user.123",
        "description": "Key whose history to list. Give key or filter, exactly one."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 1,
        "description": "Only with filter: most revisions to answer, 100 unless given. A page ends earlier where its values have 8 MiB together."
      },
      {
        "displayName": "Start Seq",
        "name": "start_seq",
        "type": "number",
        "default": 0,
        "description": "Only with filter: lists only what was written after this revision. For the next page pass next_seq of the page before."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-increment"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "visits.home",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-increment"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-increment"
        ]
      }
    },
    "options": [
      {
        "displayName": "By",
        "name": "by",
        "type": "number",
        "default": 1,
        "description": "What to add; a negative number subtracts."
      },
      {
        "displayName": "Initial",
        "name": "initial",
        "type": "number",
        "default": 0,
        "description": "Where a counter that does not exist yet begins, before the step is added."
      },
      {
        "displayName": "Max",
        "name": "max",
        "type": "number",
        "default": -9007199254740991,
        "description": "A step to more than this is not taken."
      },
      {
        "displayName": "Min",
        "name": "min",
        "type": "number",
        "default": -9007199254740991,
        "description": "A step to less than this is not taken."
      },
      {
        "displayName": "Pointer",
        "name": "pointer",
        "type": "string",
        "default": "",
        "placeholder": "/count",
        "description": "Where in a JSON value the number is (JSON pointer, RFC 6901), such as /count. Default: the value is the number."
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Time-to-live of the counter from its first step; later steps do not move the end."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-list"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "c1.mdw2k8a0.1000.Hq3vB0c1x9aZ.2",
        "description": "cursor of the page before, in place of start_seq: then every key comes once, whatever is written meanwhile. The process that answered keeps what came for 45 seconds after each page; after that, or in another process, a key that was written again may come again, and none is left out."
      },
      {
        "displayName": "Deleted",
        "name": "deleted",
        "type": "boolean",
        "default": false,
        "description": "true lists the keys that are not live any more instead, in the order in which they ended: each with what ended it and when, and without a value. NATS keeps a marker of a delete or purge until the bucket's ttl ends it, of an expiry for a moment only. A page may have fewer items than limit, or none, while has_more is true: pass next_seq to go on."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Include Values",
        "name": "include_values",
        "type": "boolean",
        "default": true,
        "description": "false leaves the values out."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "Most items to answer."
      },
      {
        "displayName": "Start Seq",
        "name": "start_seq",
        "type": "number",
        "default": 0,
        "description": "Lists only items after this sequence number. For the next page pass next_seq of the page before; an item that is written again meanwhile may come again."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-patch"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-patch"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-patch"
        ]
      }
    },
    "options": [
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 0,
        "description": "Writes only if this is the key's current revision. 0: only if the key does not exist; deleted and expired keys do not."
      },
      {
        "displayName": "Initial",
        "name": "initial",
        "type": "json",
        "default": "{}",
        "description": "The value to patch where there is none yet. Without it there must be one."
      },
      {
        "displayName": "Merge",
        "name": "merge",
        "type": "json",
        "default": "{\"theme\":\"dark\",\"draft\":null}",
        "description": "JSON merge patch (RFC 7396): members replace those of the value, null takes one away, objects go deeper, arrays are replaced whole."
      },
      {
        "displayName": "Patch",
        "name": "patch",
        "type": "json",
        "default": "[{\"op\":\"replace\",\"path\":\"/theme\",\"value\":\"dark\"}]",
        "description": "JSON Patch (RFC 6902): operations on the value, in order. A test that does not hold is a REVISION_CONFLICT, and nothing is written."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-purge"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-purge"
        ]
      }
    },
    "options": [
      {
        "displayName": "Dry Run",
        "name": "dry_run",
        "type": "boolean",
        "default": false,
        "description": "Counts what would be purged and removes nothing."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": "",
        "placeholder": "session.*",
        "description": "Purges every live key that matches: * stands for one token between dots, > for one or more tokens at the end. > alone empties the bucket. Give key or filter, exactly one."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "user.123",
        "description": "Key to purge. Give key or filter, exactly one."
      },
      {
        "displayName": "Query",
        "name": "query",
        "type": "string",
        "default": "",
        "placeholder": "size>1M age>30d",
        "description": "With filter: purges of what matches only what kv-key-find finds by this. The history of keys that were deleted before stays."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-put-many"
        ]
      }
    }
  },
  {
    "displayName": "Items",
    "name": "items",
    "type": "json",
    "default": "[{\"key\":\"user.1\",\"value\":{\"theme\":\"dark\"}},{\"key\":\"user.2\",\"value\":\"none\"}]",
    "description": "Items to write, 1 to 1000, each as kv-key-put takes it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-put-many"
        ]
      }
    }
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-put"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-put"
        ]
      }
    }
  },
  {
    "displayName": "Value",
    "name": "value",
    "type": "string",
    "typeOptions": {
      "rows": 3
    },
    "default": "",
    "description": "Text, or an object or array, which is stored as JSON text.",
    "required": false,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-put"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-put"
        ]
      }
    },
    "options": [
      {
        "displayName": "At",
        "name": "at",
        "type": "string",
        "default": "",
        "placeholder": "2026-01-31T12:00:00.000Z",
        "description": "Puts the value at this time instead of now, once, and within half a second while any kvflow serves. Until then it waits as the key _scheduled.<key> of the bucket, which other NATS clients see too: list it as any key, delete it to cancel; another put with at for the key takes its place, one without leaves it waiting. ttl counts from then on, and expected_revision is what the key must be at then: if it is not, nothing is put. What the bucket no longer takes then, such as a value that a newer value_schema refuses, stays at that key. The bucket must have transactions. A time that is past is now."
      },
      {
        "displayName": "Content Type",
        "name": "content_type",
        "type": "string",
        "default": "",
        "placeholder": "image/png",
        "description": "Media type of the value, kept with the item until it is put again."
      },
      {
        "displayName": "Delay (Seconds)",
        "name": "delay",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. As at: so long from now."
      },
      {
        "displayName": "Encoding",
        "name": "encoding",
        "type": "options",
        "default": "utf8",
        "options": [
          {
            "name": "Utf8",
            "value": "utf8"
          },
          {
            "name": "Base64",
            "value": "base64"
          }
        ],
        "description": "base64: the value is base64 text (RFC 4648) and its bytes are stored. utf8: the value is stored as it is."
      },
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 0,
        "description": "Writes only if this is the key's current revision. 0: only if the key does not exist; deleted and expired keys do not."
      },
      {
        "displayName": "Input Binary Field",
        "name": "inputBinaryField",
        "type": "string",
        "default": "data",
        "hint": "The name of the input field containing the file to be stored",
        "description": "Field of the item that has the bytes to store, in place of Value"
      },
      {
        "displayName": "Metadata",
        "name": "metadata",
        "type": "json",
        "default": "{\"source\":\"import\"}",
        "description": "Your own names and texts, kept with the item until it is put again; at most 1 KiB as JSON."
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Time-to-live of this item; exact on reads."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-rename"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-rename"
        ]
      }
    }
  },
  {
    "displayName": "To",
    "name": "to",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "The new key.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-rename"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-rename"
        ]
      }
    },
    "options": [
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 0,
        "description": "Writes only if this is the key's current revision. 0: only if the key does not exist; deleted and expired keys do not."
      },
      {
        "displayName": "Overwrite",
        "name": "overwrite",
        "type": "boolean",
        "default": false,
        "description": "true replaces an item that is there; false refuses with REVISION_CONFLICT."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-revert"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-revert"
        ]
      }
    }
  },
  {
    "displayName": "Revision",
    "name": "revision",
    "type": "number",
    "default": 1,
    "description": "Revision whose value is to be the current one again.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-revert"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-revert"
        ]
      }
    },
    "options": [
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 0,
        "description": "Reverts only if this is the key's current revision. 0: only if the key does not exist; deleted and expired keys do not. Default: the revision that is current when the call begins."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-touch"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key of the item. Letters, digits and - / _ = . where dots separate tokens: no dot at either end, no two in a row, 1 to 1024 bytes. In a bucket created with key_encoding base64: any text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-touch"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-touch"
        ]
      }
    },
    "options": [
      {
        "displayName": "Expected Revision",
        "name": "expected_revision",
        "type": "number",
        "default": 1,
        "description": "Touches only if this is the key's current revision."
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Time-to-live from now; exact on reads."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-tree"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-tree"
        ]
      }
    },
    "options": [
      {
        "displayName": "Delimiter",
        "name": "delimiter",
        "type": "string",
        "default": ".",
        "placeholder": "/",
        "description": "What separates the levels of a key."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Counts only keys that match: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 10000,
        "description": "Most keys to look at, and so the most children that are answered."
      },
      {
        "displayName": "Prefix",
        "name": "prefix",
        "type": "string",
        "default": "",
        "placeholder": "user.",
        "description": "What is below it: a group's prefix as it was answered, delimiter included. Default: the first level."
      },
      {
        "displayName": "Start Seq",
        "name": "start_seq",
        "type": "number",
        "default": 0,
        "description": "Looks only at items after this sequence number. To go on pass next_seq of the answer before."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-watch"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-key-watch"
        ]
      }
    },
    "options": [
      {
        "displayName": "After",
        "name": "after",
        "type": "number",
        "default": 0,
        "description": "Goes on with what was written after this revision, in place of start: next of the call before. 0: all that is kept."
      },
      {
        "displayName": "After ID",
        "name": "after_id",
        "type": "string",
        "default": "",
        "placeholder": "42-mdw2k8a0",
        "description": "Goes on where next_id of the call before, or the id of an event of the stream, says, in place of after: it also says which bucket of the name gave it, so that one that was deleted and made again is told by reset, and where values ended that the server tells nobody of, which of them were told."
      },
      {
        "displayName": "Filter",
        "name": "filter",
        "type": "string",
        "default": ">",
        "placeholder": "user.*",
        "description": "Key or pattern: * stands for one token between dots, > for one or more tokens at the end. Default: every key."
      },
      {
        "displayName": "Filters",
        "name": "filters",
        "type": "json",
        "default": "[\"user.*\",\"config.>\"]",
        "description": "Several keys or patterns in place of filter: what fits one of them."
      },
      {
        "displayName": "Headers Only",
        "name": "headers_only",
        "type": "boolean",
        "default": false,
        "description": "true: of what was written the size is answered, and not the value."
      },
      {
        "displayName": "Ignore Deletes",
        "name": "ignore_deletes",
        "type": "boolean",
        "default": false,
        "description": "true: only what was written is answered, and not what was deleted, purged or has expired."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "Most changes to answer."
      },
      {
        "displayName": "Start",
        "name": "start",
        "type": "options",
        "default": "new",
        "options": [
          {
            "name": "New",
            "value": "new"
          },
          {
            "name": "Current",
            "value": "current"
          },
          {
            "name": "History",
            "value": "history"
          }
        ],
        "description": "Where to begin when after is not given. new: with what is written from now on; current: with each key's latest value or marker; history: with all that is kept."
      },
      {
        "displayName": "Wait Ms",
        "name": "wait_ms",
        "type": "number",
        "default": 5000,
        "description": "How long to wait for a change, in milliseconds. 0: not at all."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-acquire"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Name of the lock.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-acquire"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-acquire"
        ]
      }
    },
    "options": [
      {
        "displayName": "Holder",
        "name": "holder",
        "type": "string",
        "default": "",
        "placeholder": "worker-1",
        "description": "Who takes it. The same holder asking again is answered the lock it has. Default: a name of its own for every call."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 1,
        "description": "How many may hold it at once; all callers give the same."
      },
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Lease after which the lock is free unless it was renewed."
      },
      {
        "displayName": "Wait (Seconds)",
        "name": "wait",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. How long to wait for a busy lock, at most 50 s."
      },
      {
        "displayName": "When Busy",
        "name": "onMissing",
        "type": "options",
        "default": "output",
        "description": "Where an answer goes that says busy",
        "options": [
          {
            "name": "First Output",
            "value": "answer"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-release"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key that holds the lock, as kv-lock-acquire answered it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-release"
        ]
      }
    }
  },
  {
    "displayName": "Fence",
    "name": "fence",
    "type": "number",
    "default": 1,
    "description": "Fencing revision of the lock as kv-lock-acquire or the last kv-lock-renew answered it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-release"
        ]
      }
    }
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-renew"
        ]
      }
    }
  },
  {
    "displayName": "Key",
    "name": "key",
    "type": "string",
    "default": "",
    "placeholder": "user.123",
    "description": "Key that holds the lock, as kv-lock-acquire answered it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-renew"
        ]
      }
    }
  },
  {
    "displayName": "Fence",
    "name": "fence",
    "type": "number",
    "default": 1,
    "description": "Fencing revision of the lock as kv-lock-acquire or the last kv-lock-renew answered it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-renew"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-lock-renew"
        ]
      }
    },
    "options": [
      {
        "displayName": "TTL (Seconds)",
        "name": "ttl",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. Lease after which the lock is free unless it was renewed."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-done"
        ]
      }
    }
  },
  {
    "displayName": "Queue",
    "name": "queue",
    "type": "string",
    "default": "",
    "placeholder": "mails",
    "description": "Name of the queue: its items are keys that begin with it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-done"
        ]
      }
    }
  },
  {
    "displayName": "ID",
    "name": "id",
    "type": "string",
    "default": "",
    "placeholder": "order-7",
    "description": "Id of the item in its queue.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-done"
        ]
      }
    }
  },
  {
    "displayName": "Receipt",
    "name": "receipt",
    "type": "number",
    "default": 1,
    "description": "Receipt of kv-queue-take: the revision of the lease.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-done"
        ]
      }
    }
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-info"
        ]
      }
    }
  },
  {
    "displayName": "Queue",
    "name": "queue",
    "type": "string",
    "default": "",
    "placeholder": "mails",
    "description": "Name of the queue: its items are keys that begin with it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-info"
        ]
      }
    }
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-push"
        ]
      }
    }
  },
  {
    "displayName": "Queue",
    "name": "queue",
    "type": "string",
    "default": "",
    "placeholder": "mails",
    "description": "Name of the queue: its items are keys that begin with it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-push"
        ]
      }
    }
  },
  {
    "displayName": "Value",
    "name": "value",
    "type": "string",
    "typeOptions": {
      "rows": 3
    },
    "default": "",
    "description": "Text, or an object or array, which is stored as JSON text.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-push"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-push"
        ]
      }
    },
    "options": [
      {
        "displayName": "Delay (Seconds)",
        "name": "delay",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. How long until the item can be taken."
      },
      {
        "displayName": "ID",
        "name": "id",
        "type": "string",
        "default": "",
        "placeholder": "order-7",
        "description": "Id of the item. Default: one of its own. Pushed again while it is in the queue, the item stays as it is."
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-take"
        ]
      }
    }
  },
  {
    "displayName": "Queue",
    "name": "queue",
    "type": "string",
    "default": "",
    "placeholder": "mails",
    "description": "Name of the queue: its items are keys that begin with it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-take"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-queue-take"
        ]
      }
    },
    "options": [
      {
        "displayName": "Lease (Seconds)",
        "name": "lease",
        "type": "number",
        "typeOptions": {
          "minValue": 0,
          "numberPrecision": 3
        },
        "default": 60,
        "description": "In seconds. How long nobody else takes the item."
      },
      {
        "displayName": "Max Tries",
        "name": "max_tries",
        "type": "number",
        "default": 5,
        "description": "How often an item is taken before it is put aside."
      },
      {
        "displayName": "When Empty",
        "name": "onMissing",
        "type": "options",
        "default": "output",
        "description": "Where an answer goes that says empty",
        "options": [
          {
            "name": "First Output",
            "value": "answer"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Bucket",
    "name": "bucket",
    "type": "resourceLocator",
    "default": {
      "mode": "list",
      "value": ""
    },
    "modes": [
      {
        "displayName": "From List",
        "name": "list",
        "type": "list",
        "typeOptions": {
          "searchListMethod": "searchBuckets",
          "searchable": true
        }
      },
      {
        "displayName": "By Name",
        "name": "name",
        "type": "string",
        "placeholder": "user-preferences"
      }
    ],
    "description": "Name of the bucket: letters, digits, dashes and underscores.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "kv-transact"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "kv-transact"
        ]
      }
    },
    "options": [
      {
        "displayName": "Checks",
        "name": "checks",
        "type": "json",
        "default": "[]",
        "description": "Keys and the revisions they must be at, up to 1000. Without operations they are compared with a consistent read."
      },
      {
        "displayName": "Operations",
        "name": "operations",
        "type": "json",
        "default": "[]",
        "description": "Writes, in the order in which they are stored, up to 1000."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-dead-drop"
        ]
      }
    },
    "options": [
      {
        "displayName": "Code",
        "name": "code",
        "type": "string",
        "default": "",
        "placeholder": "SCRIPT_ERROR",
        "description": "Only those with this error code, such as SCRIPT_ERROR."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "transform.shop.sessions.5f0c",
        "description": "Only the one of this key, as transform-dead-list answers it."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Whose events: the namespace of the calls of transform that they failed in."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Only events of calls that named this stored script; inline: of calls that brought their script along."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-dead-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Code",
        "name": "code",
        "type": "string",
        "default": "",
        "placeholder": "SCRIPT_ERROR",
        "description": "Only those with this error code, such as SCRIPT_ERROR."
      },
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "transform.shop.sessions.5f0c",
        "description": "The cursor of the page before."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "transform.shop.sessions.5f0c",
        "description": "Only the one of this key, as transform-dead-list answers it."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Whose events: the namespace of the calls of transform that they failed in."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Only events of calls that named this stored script; inline: of calls that brought their script along."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-dead-replay"
        ]
      }
    },
    "options": [
      {
        "displayName": "Code",
        "name": "code",
        "type": "string",
        "default": "",
        "placeholder": "SCRIPT_ERROR",
        "description": "Only those with this error code, such as SCRIPT_ERROR."
      },
      {
        "displayName": "Keep",
        "name": "keep",
        "type": "boolean",
        "default": false,
        "description": "Events that went well stay in the dead letters too: drop them once what came out is stored. Default: they leave with this call, and what came out is lost where its answer is."
      },
      {
        "displayName": "Key",
        "name": "key",
        "type": "string",
        "default": "",
        "placeholder": "transform.shop.sessions.5f0c",
        "description": "Only the one of this key, as transform-dead-list answers it."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Whose events: the namespace of the calls of transform that they failed in."
      },
      {
        "displayName": "Script",
        "name": "script",
        "type": "string",
        "typeOptions": {
          "editor": "jsEditor"
        },
        "default": "",
        "description": "Runs in place of the script that the call brought along: the mended one."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Only events of calls that named this stored script; inline: of calls that brought their script along."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Script ID",
    "name": "script_id",
    "type": "string",
    "default": "",
    "placeholder": "sessions",
    "description": "Name of a stored script (transform-script-put).",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-compare"
        ]
      }
    }
  },
  {
    "displayName": "Before",
    "name": "before",
    "type": "string",
    "default": "",
    "placeholder": "stable",
    "description": "The one version: its number or its name.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-compare"
        ]
      }
    }
  },
  {
    "displayName": "After",
    "name": "after",
    "type": "string",
    "default": "",
    "placeholder": "stable",
    "description": "The other version: its number or its name.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-compare"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-compare"
        ]
      }
    },
    "options": [
      {
        "displayName": "Events",
        "name": "events",
        "type": "json",
        "default": "[{\"event_type\":\"page\",\"url\":\"/home\"}]",
        "description": "Several events, 1 to 1000, in order. Give event, events or ndjson."
      },
      {
        "displayName": "Kv",
        "name": "kv",
        "type": "json",
        "default": "{\"visits\":1}",
        "description": "What $kv holds before: values by key."
      },
      {
        "displayName": "Kv Bucket",
        "name": "kv_bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of $kv, made on first use. Default: transform_kv (TRANSFORM_KV_BUCKET)."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Keeps the keys of $kv, and the processes, of one tenant apart from those of others. Default: variables.destinationId, else default."
      },
      {
        "displayName": "Ndjson",
        "name": "ndjson",
        "type": "string",
        "default": "",
        "placeholder": "{\"event_type\":\"page\",\"url\":\"/home\"}\n{\"event_type\":\"page\",\"url\":\"/cart\"}\n",
        "description": "The events as lines of JSON, in place of events."
      },
      {
        "displayName": "Stored Kv",
        "name": "stored_kv",
        "type": "boolean",
        "default": false,
        "description": "Keys of $kv that kv does not have are read from the store of the namespace. Nothing is written there."
      },
      {
        "displayName": "Timeout Ms",
        "name": "timeout_ms",
        "type": "number",
        "default": 1000,
        "description": "Milliseconds that one event may take, waits for $kv not counted."
      },
      {
        "displayName": "Variables",
        "name": "variables",
        "type": "json",
        "default": "{\"destinationId\":\"warehouse\",\"region\":\"eu\"}",
        "description": "Read-only globals of the script. destinationId and destinationType are known to Jitsu's scripts."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Script ID",
    "name": "script_id",
    "type": "string",
    "default": "",
    "placeholder": "sessions",
    "description": "Name of a stored script (transform-script-put).",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-get"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-get"
        ]
      }
    },
    "options": [
      {
        "displayName": "Release",
        "name": "release",
        "type": "string",
        "default": "",
        "placeholder": "stable",
        "description": "A version of the stored script: its number in this script, such as 3, or the name it was given."
      },
      {
        "displayName": "Version",
        "name": "version",
        "type": "number",
        "default": 1,
        "description": "An older version, by its revision."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Script ID",
    "name": "script_id",
    "type": "string",
    "default": "",
    "placeholder": "sessions",
    "description": "Name of a stored script (transform-script-put).",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-name"
        ]
      }
    }
  },
  {
    "displayName": "Release",
    "name": "release",
    "type": "string",
    "default": "",
    "placeholder": "stable",
    "description": "A version of the stored script: its number in this script, such as 3, or the name it was given.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-name"
        ]
      }
    }
  },
  {
    "displayName": "Version Name",
    "name": "version_name",
    "type": "string",
    "default": "",
    "placeholder": "stable",
    "description": "A name for the version, such as stable; it moves from the version that had it. Not all digits.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-name"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-name"
        ]
      }
    },
    "options": [
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Script ID",
    "name": "script_id",
    "type": "string",
    "default": "",
    "placeholder": "sessions",
    "description": "Name of the script.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-put"
        ]
      }
    }
  },
  {
    "displayName": "Script",
    "name": "script",
    "type": "string",
    "typeOptions": {
      "editor": "jsEditor"
    },
    "default": "",
    "description": "JavaScript or TypeScript, run once per event. A function body or an expression as Jitsu Classic takes it, where $ (or _) is the event and what is returned decides: an object, an array of objects, or null to skip the event. Or a module: export default or transform as in Jitsu Next, transformEvent or transformBatch as in RudderStack; or onTrack and its like as in Segment. $kv is a key-value store.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-put"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-put"
        ]
      }
    },
    "options": [
      {
        "displayName": "Allow No Return",
        "name": "allow_no_return",
        "type": "boolean",
        "default": false,
        "description": "Stores a script that has no return and is no expression: every event is skipped, as of one that only writes $kv. Without it such a script is refused."
      },
      {
        "displayName": "Description",
        "name": "description",
        "type": "string",
        "default": "",
        "placeholder": "Counts page views of a session",
        "description": "What the script is for."
      },
      {
        "displayName": "Tests",
        "name": "tests",
        "type": "json",
        "default": "[{\"name\":\"counts visits\",\"events\":[{\"user\":\"ada\"}],\"kv\":{\"visits\":1},\"expect\":[{\"user\":\"ada\",\"visits\":2}],\"expect_kv\":{\"visits\":2}}]",
        "description": "Events that the script is run over, with what has to come of them; nothing is stored in $kv."
      },
      {
        "displayName": "Version Name",
        "name": "version_name",
        "type": "string",
        "default": "",
        "placeholder": "stable",
        "description": "A name for the version, such as stable; it moves from the version that had it. Not all digits."
      }
    ]
  },
  {
    "displayName": "Script ID",
    "name": "script_id",
    "type": "string",
    "default": "",
    "placeholder": "sessions",
    "description": "Name of a stored script (transform-script-put).",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-rollback"
        ]
      }
    }
  },
  {
    "displayName": "Release",
    "name": "release",
    "type": "string",
    "default": "",
    "placeholder": "stable",
    "description": "A version of the stored script: its number in this script, such as 3, or the name it was given.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-rollback"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-rollback"
        ]
      }
    },
    "options": [
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Script ID",
    "name": "script_id",
    "type": "string",
    "default": "",
    "placeholder": "sessions",
    "description": "Name of a stored script (transform-script-put).",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-versions"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-script-versions"
        ]
      }
    },
    "options": [
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Name",
    "name": "name",
    "type": "string",
    "default": "",
    "placeholder": "API_KEY",
    "description": "Name of the secret, as scripts find it in secrets.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-secret-delete"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-secret-delete"
        ]
      }
    },
    "options": [
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "warehouse",
        "description": "Whose scripts have it: the namespace of their calls."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Only this stored script has it. Default: every script of the namespace."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-secret-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "warehouse",
        "description": "Whose scripts have it: the namespace of their calls."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Only this stored script has it. Default: every script of the namespace."
      }
    ]
  },
  {
    "displayName": "Name",
    "name": "name",
    "type": "string",
    "default": "",
    "placeholder": "API_KEY",
    "description": "Name of the secret, as scripts find it in secrets.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-secret-put"
        ]
      }
    }
  },
  {
    "displayName": "Value",
    "name": "value",
    "type": "string",
    "default": "",
    "placeholder": "sk-live-123456",
    "description": "The secret. Nothing answers it again.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "transform-secret-put"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-secret-put"
        ]
      }
    },
    "options": [
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "warehouse",
        "description": "Whose scripts have it: the namespace of their calls."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Only this stored script has it. Default: every script of the namespace."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-session-list"
        ]
      }
    },
    "options": [
      {
        "displayName": "Contains",
        "name": "contains",
        "type": "string",
        "default": "",
        "placeholder": "session-4",
        "description": "Only keys that contain this text, in whatever case."
      },
      {
        "displayName": "Cursor",
        "name": "cursor",
        "type": "string",
        "default": "",
        "placeholder": "default.session-42",
        "description": "The cursor of the page before."
      },
      {
        "displayName": "Kv Bucket",
        "name": "kv_bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of $kv. Default: transform_kv (TRANSFORM_KV_BUCKET)."
      },
      {
        "displayName": "Limit",
        "name": "limit",
        "type": "number",
        "default": 100,
        "description": "At most so many."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "default",
        "placeholder": "shop",
        "description": "Of this tenant."
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform-test"
        ]
      }
    },
    "options": [
      {
        "displayName": "Events",
        "name": "events",
        "type": "json",
        "default": "[{\"user\":\"ada\"}]",
        "description": "Sample events; or tests; or neither, which runs the tests that were stored with the script."
      },
      {
        "displayName": "Expect",
        "name": "expect",
        "type": "json",
        "default": "[{\"visits\":2}]",
        "description": "The events that have to come out, in order."
      },
      {
        "displayName": "Expect Kv",
        "name": "expect_kv",
        "type": "json",
        "default": "{\"visits\":2}",
        "description": "What $kv has to hold after, of the keys named here; null: nothing."
      },
      {
        "displayName": "Kv",
        "name": "kv",
        "type": "json",
        "default": "{\"visits\":1}",
        "description": "What $kv holds before: values by key."
      },
      {
        "displayName": "Kv Bucket",
        "name": "kv_bucket",
        "type": "string",
        "default": "",
        "placeholder": "user-preferences",
        "description": "Bucket of $kv, made on first use. Default: transform_kv (TRANSFORM_KV_BUCKET)."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Keeps the keys of $kv, and the processes, of one tenant apart from those of others. Default: variables.destinationId, else default."
      },
      {
        "displayName": "Script",
        "name": "script",
        "type": "string",
        "typeOptions": {
          "editor": "jsEditor"
        },
        "default": "",
        "description": "JavaScript or TypeScript, run once per event. A function body or an expression as Jitsu Classic takes it, where $ (or _) is the event and what is returned decides: an object, an array of objects, or null to skip the event. Or a module: export default or transform as in Jitsu Next, transformEvent or transformBatch as in RudderStack; or onTrack and its like as in Segment. $kv is a key-value store."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Name of a stored script (transform-script-put)."
      },
      {
        "displayName": "Script Release",
        "name": "script_release",
        "type": "string",
        "default": "",
        "placeholder": "stable",
        "description": "A version of the stored script: its number in this script, such as 3, or the name it was given."
      },
      {
        "displayName": "Script Version",
        "name": "script_version",
        "type": "number",
        "default": 1,
        "description": "An older version of the stored script, by its revision."
      },
      {
        "displayName": "Scripts",
        "name": "scripts",
        "type": "json",
        "default": "[{\"script\":\"$.seen = true; return $\"},{\"script_id\":\"sessions\"}]",
        "description": "A chain in place of script: what one script makes of an event goes through the next, all in one transaction."
      },
      {
        "displayName": "Stored Kv",
        "name": "stored_kv",
        "type": "boolean",
        "default": false,
        "description": "Keys of $kv that kv does not have are read from the store of the namespace. Nothing is written there."
      },
      {
        "displayName": "Tests",
        "name": "tests",
        "type": "json",
        "default": "[{\"name\":\"counts visits\",\"events\":[{\"user\":\"ada\"}],\"kv\":{\"visits\":1},\"expect\":[{\"user\":\"ada\",\"visits\":2}],\"expect_kv\":{\"visits\":2}}]",
        "description": "Events that the script is run over, with what has to come of them; nothing is stored in $kv."
      },
      {
        "displayName": "Timeout Ms",
        "name": "timeout_ms",
        "type": "number",
        "default": 1000,
        "description": "Milliseconds that one event may take, waits for $kv not counted."
      },
      {
        "displayName": "Variables",
        "name": "variables",
        "type": "json",
        "default": "{\"destinationId\":\"warehouse\",\"region\":\"eu\"}",
        "description": "Read-only globals of the script. destinationId and destinationType are known to Jitsu's scripts."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "transform"
        ]
      }
    },
    "options": [
      {
        "displayName": "Event",
        "name": "event",
        "type": "json",
        "default": "{\"event_type\":\"page\",\"url\":\"/home\"}",
        "description": "One event."
      },
      {
        "displayName": "Events",
        "name": "events",
        "type": "json",
        "default": "[{\"event_type\":\"page\",\"url\":\"/home\"}]",
        "description": "Several events, 1 to 1000, in order. Give event, events or ndjson."
      },
      {
        "displayName": "Kv Bucket",
        "name": "kv_bucket",
        "type": "resourceLocator",
        "default": {
          "mode": "list",
          "value": ""
        },
        "modes": [
          {
            "displayName": "From List",
            "name": "list",
            "type": "list",
            "typeOptions": {
              "searchListMethod": "searchBuckets",
              "searchable": true
            }
          },
          {
            "displayName": "By Name",
            "name": "name",
            "type": "string",
            "placeholder": "user-preferences"
          }
        ],
        "description": "Bucket of $kv, made on first use. Default: transform_kv (TRANSFORM_KV_BUCKET)."
      },
      {
        "displayName": "Namespace",
        "name": "namespace",
        "type": "string",
        "default": "",
        "placeholder": "warehouse",
        "description": "Keeps the keys of $kv, and the processes, of one tenant apart from those of others. Default: variables.destinationId, else default."
      },
      {
        "displayName": "Ndjson",
        "name": "ndjson",
        "type": "string",
        "default": "",
        "placeholder": "{\"event_type\":\"page\",\"url\":\"/home\"}\n{\"event_type\":\"page\",\"url\":\"/cart\"}\n",
        "description": "Several events as lines of JSON, 1 to 1000, in order; empty lines are left out. The answer has its events as ndjson too. Faster than events: only the script's own process parses them. A line that is no JSON object is an event that fails with INVALID_INPUT, and is never passed on."
      },
      {
        "displayName": "On Error",
        "name": "on_error",
        "type": "options",
        "default": "fail",
        "options": [
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Stop",
            "value": "stop"
          },
          {
            "name": "Skip",
            "value": "skip"
          },
          {
            "name": "Pass",
            "value": "pass"
          },
          {
            "name": "Dead",
            "value": "dead"
          }
        ],
        "description": "What an event that fails does. fail: the call fails with its error, and details has what became of all events. stop: the same, and nothing behind the first event that fails has any effect: what was written to $kv is of the events before it, whose results details has. skip: it is left out. pass: it goes on as it came. dead: it is left out and kept for 31 days in the bucket recognition_dead under transform.<namespace>.<script>, with why and the settings of the call."
      },
      {
        "displayName": "Script",
        "name": "script",
        "type": "string",
        "typeOptions": {
          "editor": "jsEditor"
        },
        "default": "",
        "description": "JavaScript or TypeScript, run once per event. A function body or an expression as Jitsu Classic takes it, where $ (or _) is the event and what is returned decides: an object, an array of objects, or null to skip the event. Or a module: export default or transform as in Jitsu Next, transformEvent or transformBatch as in RudderStack; or onTrack and its like as in Segment. $kv is a key-value store."
      },
      {
        "displayName": "Script ID",
        "name": "script_id",
        "type": "string",
        "default": "",
        "placeholder": "sessions",
        "description": "Name of a stored script (transform-script-put)."
      },
      {
        "displayName": "Script Release",
        "name": "script_release",
        "type": "string",
        "default": "",
        "placeholder": "stable",
        "description": "A version of the stored script: its number in this script, such as 3, or the name it was given."
      },
      {
        "displayName": "Script Version",
        "name": "script_version",
        "type": "number",
        "default": 1,
        "description": "An older version of the stored script, by its revision."
      },
      {
        "displayName": "Scripts",
        "name": "scripts",
        "type": "json",
        "default": "[{\"script\":\"$.seen = true; return $\"},{\"script_id\":\"sessions\"}]",
        "description": "A chain in place of script: what one script makes of an event goes through the next, all in one transaction."
      },
      {
        "displayName": "Timeout Ms",
        "name": "timeout_ms",
        "type": "number",
        "default": 1000,
        "description": "Milliseconds that one event may take, waits for $kv not counted."
      },
      {
        "displayName": "Variables",
        "name": "variables",
        "type": "json",
        "default": "{}",
        "description": "Read-only globals of the script. destinationId and destinationType are known to Jitsu's scripts."
      },
      {
        "displayName": "When the Key Is Missing",
        "name": "onMissing",
        "type": "options",
        "default": "answer",
        "description": "What to do when the key is not there",
        "options": [
          {
            "name": "Answer With Found: False",
            "value": "answer"
          },
          {
            "name": "Fail",
            "value": "fail"
          },
          {
            "name": "Second Output",
            "value": "output"
          }
        ]
      }
    ]
  },
  {
    "displayName": "Destination",
    "name": "destination",
    "type": "string",
    "default": "",
    "placeholder": "embedded",
    "description": "A warehouse of kvflow.yaml, or `embedded`.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "warehouse-query"
        ]
      }
    }
  },
  {
    "displayName": "Sql",
    "name": "sql",
    "type": "string",
    "default": "",
    "placeholder": "SELECT event_id, user_email FROM events ORDER BY event_id",
    "description": "One SELECT, as the warehouse words it.",
    "required": true,
    "displayOptions": {
      "show": {
        "operation": [
          "warehouse-query"
        ]
      }
    }
  },
  {
    "displayName": "Options",
    "name": "options",
    "type": "collection",
    "placeholder": "Add option",
    "default": {},
    "displayOptions": {
      "show": {
        "operation": [
          "warehouse-query"
        ]
      }
    },
    "options": [
      {
        "displayName": "Rows",
        "name": "rows",
        "type": "number",
        "default": 100,
        "description": "Most rows of the answer."
      }
    ]
  }
];

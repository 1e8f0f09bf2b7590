import type { Tool } from '@modelcontextprotocol/server';

/** What of a tool is written for agents: few words, the inputs they use, and no schema of the answer. */
export interface AgentTool {
  description: string;
  properties: Record<string, object>;
  required?: readonly string[];
  /** What the call takes where the agent says nothing. */
  defaults?: Record<string, unknown>;
}

const BUCKET = { type: 'string', description: 'Bucket name' };
const KEY = { type: 'string', description: 'Key, such as user.42' };
const FILTER = { type: 'string', description: 'Pattern of keys: user.* or config.> (default: all)' };
const REVISION = {
  type: 'integer',
  description: 'Only if this is the current revision; 0: only if the key does not exist',
};
const DURATION = {
  type: ['string', 'integer'],
  description: 'Such as "30m" or "1d"; an integer is nanoseconds',
};

/** The tools an agent is shown unasked. All of a function's inputs can be given, whether or not they are named here. */
export const AGENT_TOOLS: Record<string, AgentTool> = {
  'kv-bucket-list': {
    description: 'Lists the key-value buckets with their options and what they hold.',
    properties: {},
  },
  'kv-key-list': {
    description:
      'Lists keys of a bucket, without values unless include_values is true. Goes on with start_seq = next_seq while has_more.',
    properties: {
      bucket: BUCKET,
      filter: FILTER,
      start_seq: { type: 'integer' },
      limit: { type: 'integer', description: 'Default 100' },
      include_values: { type: 'boolean' },
    },
    required: ['bucket'],
    defaults: { include_values: false, limit: 100 },
  },
  'kv-key-get': {
    description:
      'Reads a key. A key that is not there answers {"found": false}. json: true parses the value.',
    properties: { bucket: BUCKET, key: KEY, json: { type: 'boolean' } },
    required: ['bucket', 'key'],
  },
  'kv-key-put': {
    description:
      'Writes a key. To change what you have read, pass its revision as expected_revision: another change in between is then refused instead of overwritten.',
    properties: {
      bucket: BUCKET,
      key: KEY,
      value: { description: 'Text, object, list, number or boolean' },
      ttl: DURATION,
      expected_revision: REVISION,
    },
    required: ['bucket', 'key', 'value'],
  },
  'kv-key-delete': {
    description: 'Deletes a key; its history stays.',
    properties: { bucket: BUCKET, key: KEY, expected_revision: REVISION },
    required: ['bucket', 'key'],
  },
  'kv-key-watch': {
    description: 'Waits for changes of a bucket and answers them. Go on with after = next.',
    properties: {
      bucket: BUCKET,
      filter: FILTER,
      after: { description: 'The next of the answer before' },
      wait_ms: { type: 'integer', description: 'Milliseconds to wait for a change' },
    },
    required: ['bucket'],
    defaults: { limit: 50 },
  },
  transform: {
    description:
      'Runs JavaScript on an event ($) and answers what it returns. $kv.get, $kv.set and $kv.del keep state between events.',
    properties: {
      event: { type: 'object' },
      script: { type: 'string', description: 'Such as: return { ...$, seen: true }' },
      namespace: { type: 'string', description: 'Scripts of one namespace share $kv' },
    },
    required: ['script', 'event'],
  },
  'identify-preview': {
    description:
      'Shows what recognizing a user by these events would change in the warehouse, and changes nothing.',
    properties: {
      destination: { type: 'string' },
      events: { type: 'array', items: { type: 'object' } },
    },
    required: ['events'],
  },
};

/** The input schema of a tool as agents see it. It takes more than it names: whatever the function takes. */
export function agentSchema({ properties, required = [] }: AgentTool): Tool['inputSchema'] {
  return { type: 'object', properties, required: [...required] } as Tool['inputSchema'];
}

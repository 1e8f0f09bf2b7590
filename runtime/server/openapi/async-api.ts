import type { JsonSchema } from '../../core/manifest.ts';
import { WATCH } from '../../core/open.ts';
import type { Registry } from '../../core/registry.ts';

type Json = Record<string, unknown>;

/** Events of a watch that are changes, and what each says. */
const CHANGES = {
  put: 'A value was written.',
  delete: 'The key was deleted; its history may be kept.',
  purge: 'The key was deleted with its history.',
  expire: 'The item came to the end of its ttl.',
};

/** Events about the stream itself. */
const CONTROL: Record<string, [string, Json]> = {
  synced: [
    'All that was there when the watch began has been sent.',
    { type: 'object', required: ['revision'], properties: { revision: { type: 'integer' } } },
  ],
  reset: [
    'The bucket was deleted and made again: what was watched is void, and each key comes anew.',
    { type: 'object', required: ['reason'], properties: { reason: { type: 'string' } } },
  ],
  error: [
    'The watch ended; the error is one of the table of errors.',
    {
      type: 'object',
      required: ['code', 'message', 'retryable'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        retryable: { type: 'boolean' },
      },
    },
  ],
  closing: [
    'The server ends; connect again with Last-Event-ID.',
    { type: 'object', properties: { retry_ms: { type: 'integer' } } },
  ],
};

/** AsyncAPI 3.0 of the streams of Server-Sent Events; the payloads are those of kv-key-watch. */
export function asyncApiDocument(registry: Pick<Registry, 'get' | 'version'>): Json {
  const change = changeSchema(registry.get(WATCH).spec.output);
  const messages = {
    ...Object.fromEntries(
      Object.entries(CHANGES).map(([name, about]) => [name, message(name, about, change)]),
    ),
    ...Object.fromEntries(
      Object.entries(CONTROL).map(([name, [about, payload]]) => [name, message(name, about, payload)]),
    ),
  };
  const sent = Object.keys(messages);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'kvflow streams',
      version: registry.version,
      license: { name: 'MIT' },
      description:
        'Changes of key-value buckets as Server-Sent Events. With format=cloudevents the data of each change is a CloudEvent 1.0 whose data is the payload given here.',
    },
    defaultContentType: 'application/json',
    channels: {
      bucket: {
        address: '/buckets/{bucket}/watch',
        title: 'One watch',
        description: 'GET; the id of each event, sent back as Last-Event-ID, goes on without a gap.',
        parameters: { bucket: { description: 'Name of the bucket.' } },
        messages: Object.fromEntries(sent.map(name => [name, { $ref: `#/components/messages/${name}` }])),
      },
      watches: {
        address: '/watches',
        title: 'Many watches',
        description: 'POST with the watches wanted; each event says by watch which one it belongs to.',
        messages: Object.fromEntries(sent.map(name => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: Object.fromEntries(
      ['bucket', 'watches'].map(channel => [
        channel === 'bucket' ? 'watchBucket' : 'watchMany',
        {
          action: 'send',
          channel: { $ref: `#/channels/${channel}` },
          summary: 'The server sends each change as it is stored.',
          description: 'Needs the right to call kv-key-watch, and the bucket.',
          messages: sent.map(name => ({ $ref: `#/channels/${channel}/messages/${name}` })),
        },
      ]),
    ),
    components: { messages },
  };
}

function message(name: string, summary: string, payload: Json): Json {
  return { name, title: name, summary, contentType: 'application/json', payload };
}

/** One event of kv-key-watch's output; a stream of many watches adds which one it is of. */
function changeSchema(output: JsonSchema): JsonSchema {
  const { events } = output.properties as Record<string, { items: JsonSchema }>;
  const { additionalProperties: _closed, ...schema } = events?.items ?? {};
  const watch = { type: 'string', description: 'Which watch; only in a stream of many.' };
  return { ...schema, properties: { ...(schema.properties as Json), watch } };
}

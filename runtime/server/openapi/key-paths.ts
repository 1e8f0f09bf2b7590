import { failureResponses, ID_HEADER } from './responses.ts';

type Json = Record<string, unknown>;

const TAG = 'keys';
const BYTES = { schema: { type: 'string', format: 'binary' } };
const ETAG = { description: 'The revision, in quotes.', schema: { type: 'string', examples: ['"42"'] } };
const ITEM_HEADERS = {
  ...ID_HEADER,
  etag: ETAG,
  'last-modified': header('When this revision was written.'),
  'cache-control': header('Until the end of an item with a ttl; no-cache for others.'),
  'accept-ranges': header('bytes'),
  'kvflow-ttl': header('Nanoseconds until the item ends; only where it does.'),
  'kvflow-expires': header('When it ends, RFC 3339; only where it does.'),
};
const MATCH = parameter('If-Match', 'Only on one of these revisions, in quotes; * for any item.');
const NONE_MATCH = parameter('If-None-Match', 'Not on these revisions; * where there is no item.');
const TIMEOUT = {
  name: 'x-timeout-ms',
  in: 'header',
  description: 'Milliseconds the caller waits.',
  schema: { type: 'integer', minimum: 1 },
};

/** The address of each key: its value as bare bytes. */
export function keyPaths(): Json {
  return {
    '/buckets/{bucket}/keys/{key}': {
      parameters: [
        {
          name: 'bucket',
          in: 'path',
          required: true,
          description: 'Name of the bucket.',
          schema: { type: 'string' },
        },
        {
          name: 'key',
          in: 'path',
          required: true,
          description: 'The key, percent-encoded; slashes may stand as they are.',
          schema: { type: 'string' },
        },
      ],
      get: read('get-key', 'The value of a key as bytes', true),
      head: read('head-key', 'What is known of the value of a key', false),
      put: put(),
      delete: remove(),
    },
  };
}

function read(operationId: string, summary: string, body: boolean): Json {
  const content = body ? { content: { '*/*': BYTES } } : {};
  const range = parameter('Range', 'One range of bytes, such as bytes=0-1023.');
  return {
    operationId,
    tags: [TAG],
    summary,
    description: 'Needs the right to call kv-key-get. The Content-Type is the one the value was put with.',
    parameters: [
      ...(body ? [range, parameter('If-Range', 'The range only of this revision, else the whole.')] : []),
      MATCH,
      NONE_MATCH,
      TIMEOUT,
      query('revision', 'This revision of the key instead of the current one.', {
        type: 'integer',
        minimum: 1,
      }),
      query('consistency', 'any: a replica or mirror may answer.', {
        type: 'string',
        enum: ['leader', 'any'],
        default: 'leader',
      }),
    ],
    responses: {
      200: { description: 'The value.', headers: ITEM_HEADERS, ...content },
      ...(body && {
        206: {
          description: 'The part asked for.',
          headers: { ...ITEM_HEADERS, 'content-range': header('Which part, and of how many bytes.') },
          ...content,
        },
      }),
      304: { description: 'It is the revision that If-None-Match names.', headers: ITEM_HEADERS },
      ...failureResponses([
        'BUCKET_NOT_FOUND',
        'KEY_NOT_FOUND',
        'PRECONDITION_FAILED',
        ...(body ? ['RANGE_NOT_SATISFIABLE'] : []),
      ]),
    },
  };
}

function put(): Json {
  return {
    operationId: 'put-key',
    tags: [TAG],
    summary: 'Puts bytes as the value of a key',
    description: 'Needs the right to call kv-key-put. Its Content-Type is kept with the value.',
    parameters: [
      MATCH,
      NONE_MATCH,
      TIMEOUT,
      parameter('Kvflow-TTL', 'How long the item lives: nanoseconds, or words such as 30m.'),
    ],
    requestBody: { required: true, content: { '*/*': BYTES } },
    responses: {
      200: {
        description: 'Stored.',
        headers: {
          ...ID_HEADER,
          etag: ETAG,
          'kvflow-ttl': ITEM_HEADERS['kvflow-ttl'],
          'kvflow-expires': ITEM_HEADERS['kvflow-expires'],
        },
        content: answer({
          type: 'object',
          required: ['bucket', 'key', 'revision'],
          properties: {
            bucket: { type: 'string' },
            key: { type: 'string' },
            revision: { type: 'integer' },
            expires_at: { type: 'string', format: 'date-time' },
          },
        }),
      },
      ...failureResponses([
        'BUCKET_NOT_FOUND',
        'PRECONDITION_FAILED',
        'VALUE_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'BUCKET_FULL',
        'UNSUPPORTED',
      ]),
    },
  };
}

function remove(): Json {
  return {
    operationId: 'delete-key',
    tags: [TAG],
    summary: 'Deletes a key',
    description: 'Needs the right to call kv-key-delete.',
    parameters: [MATCH, NONE_MATCH, TIMEOUT],
    responses: {
      200: {
        description: 'Deleted, or there was nothing to delete.',
        headers: ID_HEADER,
        content: answer({
          type: 'object',
          required: ['bucket', 'key', 'deleted'],
          properties: {
            bucket: { type: 'string' },
            key: { type: 'string' },
            deleted: { type: 'boolean' },
            revision: { type: 'integer' },
          },
        }),
      },
      ...failureResponses(['BUCKET_NOT_FOUND', 'PRECONDITION_FAILED']),
    },
  };
}

function answer(data: Json): Json {
  const schema = {
    type: 'object',
    required: ['status_code', 'data'],
    properties: { status_code: { const: 200 }, data },
  };
  return { 'application/json': { schema } };
}

function header(description: string): Json {
  return { description, schema: { type: 'string' } };
}

function parameter(name: string, description: string): Json {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

function query(name: string, description: string, schema: Json): Json {
  return { name, in: 'query', description, schema };
}

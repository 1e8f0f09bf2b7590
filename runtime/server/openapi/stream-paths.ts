import { failureResponses, ID_HEADER } from './responses.ts';

type Json = Record<string, unknown>;

const TAG = 'streams';
const BUCKET = { name: 'bucket', in: 'path', required: true, schema: { type: 'string' } };
const FORMAT = {
  name: 'format',
  in: 'query',
  description: 'cloudevents: the data of each change is a CloudEvent 1.0.',
  schema: { type: 'string', enum: ['kvflow', 'cloudevents'], default: 'kvflow' },
};
const LINES = 'application/x-ndjson';
const BYTES = 'application/octet-stream';
const BINARY = { type: 'string', format: 'binary' };

/** The routes that answer or take a stream instead of an envelope, and the protocol of agents. */
export function streamPaths(): Json {
  return {
    '/buckets/{bucket}/watch': { get: watch() },
    '/watches': { post: watches() },
    '/tickets': { post: tickets() },
    '/buckets/{bucket}/export': { get: exported() },
    '/buckets/{bucket}/import': { post: imported() },
    '/buckets/{bucket}/backup': { get: backup() },
    '/buckets/{bucket}/restore': { post: restore() },
    '/mcp': { post: mcp() },
  };
}

function watch(): Json {
  return {
    operationId: 'watch-bucket',
    tags: [TAG],
    summary: 'Changes of a bucket as Server-Sent Events',
    description:
      'Events are named put, delete, purge and expire; synced comes once when all that was there has been sent. A client that comes back with Last-Event-ID goes on without a gap.',
    parameters: [
      BUCKET,
      query('filter', 'Key or pattern; all keys without it. Given several times, what fits one of them.', {
        type: 'string',
        default: '>',
      }),
      query('headers_only', 'Sizes in place of values.', { type: 'boolean', default: false }),
      query('ignore_deletes', 'Only what was written.', { type: 'boolean', default: false }),
      query('start', 'What comes first.', {
        type: 'string',
        enum: ['new', 'current', 'history'],
        default: 'new',
      }),
      FORMAT,
      query('ticket', 'Ticket of POST /tickets, in place of a key.', { type: 'string' }),
      query('after', 'Id of the last event that was read; as Last-Event-ID.', { type: 'string' }),
      header('Last-Event-ID', 'Id of the last event that was read.', { type: 'string' }),
    ],
    responses: {
      200: stream(
        'The stream of events.',
        'text/event-stream',
        'event: put\nid: 1\ndata: {"key":"user.1","value":"x"}\n\n',
      ),
      ...failureResponses(['BUCKET_NOT_FOUND']),
    },
  };
}

function watches(): Json {
  const watch = {
    type: 'object',
    required: ['id', 'bucket'],
    properties: {
      id: { type: 'string', description: "A name of the client's own, repeated as watch in each event." },
      bucket: { type: 'string' },
      filter: { type: 'string', default: '>' },
      filters: { type: 'array', items: { type: 'string' }, description: 'Several, in place of filter.' },
      headers_only: { type: 'boolean', default: false },
      ignore_deletes: { type: 'boolean', default: false },
      start: { type: 'string', enum: ['new', 'current', 'history'], default: 'new' },
      after: { description: 'Id of the last event that was read.' },
    },
  };
  const schema = {
    type: 'object',
    required: ['watches'],
    properties: {
      format: { ...FORMAT.schema, description: FORMAT.description },
      watches: { type: 'array', minItems: 1, maxItems: 256, items: watch },
    },
  };
  return {
    operationId: 'watch-many',
    tags: [TAG],
    summary: 'Changes of many watches as one stream of Server-Sent Events',
    description: 'Up to 256 watches on one connection; each event says by watch which one it belongs to.',
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: {
      200: stream(
        'The stream of events.',
        'text/event-stream',
        'event: put\nid: 1\ndata: {"watch":"a","key":"user.1","value":"x"}\n\n',
      ),
      ...failureResponses([]),
    },
  };
}

function tickets(): Json {
  const data = {
    type: 'object',
    required: ['ticket', 'expires_at'],
    properties: { ticket: { type: 'string' }, expires_at: { type: 'string', format: 'date-time' } },
  };
  const schema = {
    type: 'object',
    required: ['status_code', 'data'],
    properties: { status_code: { const: 200 }, data },
  };
  return {
    operationId: 'create-ticket',
    tags: [TAG],
    summary: 'A ticket that opens one watch',
    description:
      "Stands for the caller's key once, within a minute, as ?ticket= of a watch: EventSource cannot send headers.",
    responses: {
      200: { description: 'The ticket.', headers: ID_HEADER, content: { 'application/json': { schema } } },
      ...failureResponses([]),
    },
  };
}

function exported(): Json {
  return {
    operationId: 'export-bucket',
    tags: [TAG],
    summary: 'A whole bucket as lines of JSON',
    description:
      'A header line, one line for each live item, and an end line without which the export is cut.',
    parameters: [
      BUCKET,
      query('filter', 'Key or pattern; all keys without it.', { type: 'string', default: '>' }),
      query('after', 'Goes on after this revision.', { type: 'integer', minimum: 0 }),
      query('history', 'All that is kept of each key: past values and deletes too.', {
        type: 'boolean',
        default: false,
      }),
    ],
    responses: {
      200: stream('The lines.', LINES, '{"key":"user.1","value":"x","revision":1}\n'),
      ...failureResponses(['BUCKET_NOT_FOUND']),
    },
  };
}

function backup(): Json {
  return {
    operationId: 'backup-bucket',
    tags: [TAG],
    summary: 'A whole bucket as it is at one moment, with its history',
    description: 'Where the bucket is written to, its writes wait for the moment, mostly less than a second.',
    parameters: [BUCKET],
    responses: {
      200: { description: 'The backup.', headers: ID_HEADER, content: { [BYTES]: { schema: BINARY } } },
      ...failureResponses(['BUCKET_NOT_FOUND', 'UNSUPPORTED']),
    },
  };
}

function restore(): Json {
  return {
    operationId: 'restore-bucket',
    tags: [TAG],
    summary: 'Makes a bucket of a backup, under the name it had or another',
    description:
      'The bucket comes with its history, as it was at the moment of the backup; it must not be there yet.',
    parameters: [
      BUCKET,
      query('num_replicas', 'In place of as many as the bucket had.', {
        type: 'integer',
        minimum: 1,
        maximum: 5,
      }),
    ],
    requestBody: { required: true, content: { [BYTES]: { schema: BINARY } } },
    responses: {
      200: {
        description: 'What was restored.',
        headers: ID_HEADER,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Success' } } },
      },
      ...failureResponses(['BUCKET_EXISTS']),
    },
  };
}

function imported(): Json {
  return {
    operationId: 'import-bucket',
    tags: [TAG],
    summary: 'Writes the lines of an export into a bucket',
    description:
      'Each line is a record; an export that was cut or altered is an error that says how far it got.',
    parameters: [
      BUCKET,
      query('on_conflict', 'What becomes of keys that are there.', {
        type: 'string',
        enum: ['skip', 'overwrite', 'fail'],
      }),
      query('create', 'Makes the bucket with the options of the header line.', {
        type: 'boolean',
        default: false,
      }),
    ],
    requestBody: {
      required: true,
      content: { [LINES]: { schema: { type: 'string' }, example: '{"key":"user.1","value":"x"}\n' } },
    },
    responses: {
      200: {
        description: 'What became of the lines.',
        headers: ID_HEADER,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Success' } } },
      },
      ...failureResponses(['BUCKET_NOT_FOUND', 'PAYLOAD_TOO_LARGE']),
    },
  };
}

function mcp(): Json {
  const message = { type: 'object', required: ['jsonrpc'], properties: { jsonrpc: { const: '2.0' } } };
  return {
    operationId: 'mcp',
    tags: ['agents'],
    summary: 'The Model Context Protocol',
    description:
      'JSON-RPC 2.0; each request stands alone. See the specification of the protocol, revision 2026-07-28.',
    parameters: [
      query('toolset', 'Which functions tools/list shows.', {
        type: 'string',
        enum: ['default', 'all', 'kv', 'admin', 'transform', 'identify'],
        default: 'default',
      }),
    ],
    requestBody: { required: true, content: { 'application/json': { schema: message } } },
    responses: {
      200: {
        description: 'The answer, or a stream of them.',
        content: { 'application/json': { schema: message } },
      },
      ...failureResponses([]),
    },
  };
}

function query(name: string, description: string, schema: Json): Json {
  return { name, in: 'query', description, schema };
}

function header(name: string, description: string, schema: Json): Json {
  return { name, in: 'header', description, schema };
}

function stream(description: string, type: string, example: string): Json {
  return { description, headers: ID_HEADER, content: { [type]: { schema: { type: 'string' }, example } } };
}

import type { JsonSchema, ManifestFunction } from '../../core/manifest.ts';
import { BATCH_SCHEMA } from '../batch-input.ts';
import { completeExample } from './complete-example.ts';
import { keyPaths } from './key-paths.ts';
import { ENVELOPES, failureResponses, ID_HEADER, jsonContent } from './responses.ts';
import { streamPaths } from './stream-paths.ts';

type Json = Record<string, unknown>;

const CALL_HEADERS = [
  {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes the call happen once however often it is sent: for 24 hours the same key answers what it answered first, with the header idempotency-replayed: true. The same key with another body is refused.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  {
    name: 'x-timeout-ms',
    in: 'header',
    description: 'Milliseconds the caller waits; more than the function allows counts as what it allows.',
    schema: { type: 'integer', minimum: 1 },
  },
  {
    name: 'x-kvflow-by',
    in: 'header',
    description:
      'What calls, as it says of itself, such as host=cron; flow=nightly; node=prices (values percent-encoded). It is kept with what the call writes, beside the name of the API key.',
    schema: { type: 'string', maxLength: 1024 },
  },
];

/** OpenAPI 3.1 of these functions: each with a path of its own, so that its schemas and examples are its own too. */
export function openApiDocument(version: string, functions: readonly ManifestFunction[]): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'kvflow',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Key-value functions on NATS JetStream. Every answer of a call is an envelope: status_code with data, or with error.',
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, {}],
    tags: tagsOf(functions),
    paths: {
      ...Object.fromEntries(functions.map(functionPath)),
      ...fixedPaths(),
      ...keyPaths(),
      ...streamPaths(),
    },
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key; none is needed while the server has none.',
        },
      },
      schemas: ENVELOPES,
    },
  };
}

const ABOUT: Record<string, string> = {
  server: 'What the server tells of itself',
  keys: 'Items at addresses of their own, as bare bytes',
  streams: 'Buckets as streams: changes, exports, imports',
  agents: 'The Model Context Protocol',
};

function tagsOf(functions: readonly ManifestFunction[]): Json[] {
  const categories = [...new Set(functions.map(fn => fn.category))];
  const own = categories.map(name => ({ name, description: `Functions of the category ${name}` }));
  return [...own, ...Object.entries(ABOUT).map(([name, description]) => ({ name, description }))];
}

function functionPath(fn: ManifestFunction): [string, Json] {
  const post = {
    operationId: fn.name,
    tags: [fn.category],
    summary: fn.title,
    description: fn.description,
    parameters: CALL_HEADERS,
    requestBody: {
      required: ((fn.input.required ?? []) as string[]).length > 0,
      content: { 'application/json': { schema: explicit(fn.input), examples: inputExamples(fn) } },
    },
    responses: { 200: succeeded(fn), ...failureResponses(fn.errors) },
  };
  return [`/functions/${fn.name}/invocations`, { post }];
}

function inputExamples(fn: ManifestFunction): Json {
  const entries = fn.examples.flatMap((example, index) => {
    // An example of what is refused does not fit the schema, and a document's examples are to.
    if (example.error === 'INVALID_INPUT') return [];
    const summary = example.error ? `${example.title} (answers ${example.error})` : example.title;
    return [[`example-${index + 1}`, { summary, value: example.input }]];
  });
  return Object.fromEntries(entries);
}

function succeeded(fn: ManifestFunction): Json {
  const worked = fn.examples.flatMap((example, index) =>
    example.output
      ? [
          [
            `example-${index + 1}`,
            {
              summary: example.title,
              value: { status_code: 200, data: completeExample(fn.output, example.output) },
            },
          ],
        ]
      : [],
  );
  return {
    description: 'The call worked.',
    headers: {
      ...ID_HEADER,
      'idempotency-replayed': {
        description: 'true: an earlier call with this Idempotency-Key was answered this.',
        schema: { type: 'string' },
      },
    },
    content: {
      'application/json': {
        schema: successSchema(fn.output),
        ...(worked.length > 0 && { examples: Object.fromEntries(worked) }),
      },
    },
  };
}

function successSchema(output: JsonSchema): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['status_code', 'data'],
    properties: { status_code: { const: 200 }, data: explicit(output) },
  };
}

/** The same schema as readers of OpenAPI expect it: a list or an object that may hold anything says so. */
function explicit(schema: JsonSchema): JsonSchema {
  return toExplicit(schema) as JsonSchema;
}

function toExplicit(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(toExplicit);
  if (typeof part !== 'object' || part === null) return part;
  const mapped = Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, toExplicit(inner)]));
  const kinds = [mapped.type].flat();
  return {
    ...mapped,
    ...(kinds.includes('array') && mapped.items === undefined && { items: {} }),
    ...(kinds.includes('object') && !isTold(mapped) && { additionalProperties: true }),
  };
}

/** Whether an object's schema says what may be in it. */
function isTold(schema: Json): boolean {
  return ['properties', 'additionalProperties', 'anyOf', 'oneOf', 'allOf'].some(name => name in schema);
}

function fixedPaths(): Json {
  return {
    '/invocations': { post: batch() },
    '/functions': { get: read('list-functions', 'List functions', jsonContent('FunctionList')) },
    '/functions/{name}': {
      get: {
        ...read('describe-function', 'Schemas, errors and examples of a function', jsonContent('Function')),
        parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
      },
    },
    '/access': { get: read('access', 'Who the caller is, and what it may do', jsonContent('Access')) },
    '/schemas/{name}': {
      get: {
        ...read(
          'schema',
          'A JSON Schema document, at the path of its $id',
          {
            'application/schema+json': { schema: { type: 'object' } },
          },
          ['ROUTE_NOT_FOUND'],
        ),
        description:
          'Functions by their name, such as kv-key-put.json; what they refer to as shared/key.json.',
        parameters: [
          {
            name: 'name',
            in: 'path',
            required: true,
            description: 'Name of the document.',
            schema: { type: 'string' },
          },
        ],
        security: [{}],
      },
    },
    '/openapi.json': {
      get: read('openapi', 'This document', { 'application/json': { schema: { type: 'object' } } }),
    },
    '/asyncapi.json': {
      get: read('asyncapi', 'AsyncAPI 3.0 of the streams', {
        'application/json': { schema: { type: 'object' } },
      }),
    },
    '/flows/process': {
      get: read('flows-process', "What becomes of the flows' process", jsonContent('FlowsProcess'), [
        'FORBIDDEN',
      ]),
      put: {
        ...read(
          'steer-flows',
          "Start the flows' process, with flows or in safe mode",
          jsonContent('FlowsProcess'),
          ['FORBIDDEN', 'INVALID_INPUT', 'UNAVAILABLE', 'UNSUPPORTED'],
        ),
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['mode'],
                properties: { mode: { type: 'string', enum: ['on', 'safe'] } },
              },
            },
          },
        },
      },
    },
    '/healthz': {
      get: { ...read('health', 'Whether the process answers', jsonContent('Status')), security: [{}] },
    },
    '/readyz': {
      get: {
        ...read('readiness', 'Whether NATS is reached', jsonContent('Status'), ['UNAVAILABLE']),
        security: [{}],
      },
    },
    '/recognition': {
      get: read(
        'recognition-counts',
        'What recognition has counted since the start, by destination',
        jsonContent('RecognitionCounts'),
      ),
    },
    '/metrics': {
      get: read('metrics', "Prometheus' text format", { 'text/plain': { schema: { type: 'string' } } }),
    },
  };
}

function batch(): Json {
  return {
    operationId: 'invoke-batch',
    tags: ['server'],
    summary: 'Call many functions',
    description:
      'At most 1000 calls. They run at once; those on one bucket and key keep their order, and those on a bucket without a key wait for the ones before them. Answers 200 with one envelope per call, in order.',
    parameters: CALL_HEADERS,
    requestBody: { required: true, content: { 'application/json': { schema: BATCH_SCHEMA } } },
    responses: {
      200: {
        description: 'One envelope per call, in order.',
        headers: ID_HEADER,
        content: jsonContent('BatchAnswer'),
      },
      ...failureResponses([]),
    },
  };
}

function read(operationId: string, summary: string, content: Json, errors: string[] = []): Json {
  const responses = {
    200: { description: summary, headers: ID_HEADER, content },
    ...failureResponses(errors, []),
  };
  return { operationId, tags: ['server'], summary, description: `${summary}.`, responses };
}

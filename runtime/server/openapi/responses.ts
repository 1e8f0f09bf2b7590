import type { ErrorCode } from '../../../contract/errors.ts';
import { ERRORS } from '../../../contract/errors.ts';
import { RECOGNITION_COUNTERS } from '../../../contract/recognition-counts.ts';
import type { JsonSchema } from '../../core/manifest.ts';

type Json = Record<string, unknown>;

/** The header that every answer has. */
export const ID_HEADER = {
  'x-invocation-id': { description: 'Names this call in the log of the server.', schema: { type: 'string' } },
};

const OWN_NATS = {
  type: 'boolean',
  description: 'Whether it is on a NATS of its own, which the bucket functions do not reach.',
};

/** Codes that any call may be answered with. */
const ANY_CALL: readonly ErrorCode[] = [
  'INVALID_INPUT',
  'IDEMPOTENCY_IN_PROGRESS',
  'PAYLOAD_TOO_LARGE',
  'IDEMPOTENCY_MISMATCH',
  'RATE_LIMITED',
  'INTERNAL',
  'UNAVAILABLE',
  'TIMEOUT',
];
const ANY_REQUEST: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN'];

/** Schemas that responses refer to. */
export const ENVELOPES: Record<string, JsonSchema> = {
  Failure: {
    type: 'object',
    required: ['status_code', 'error'],
    properties: {
      status_code: { type: 'integer', description: 'Repeats the HTTP status.' },
      error: { $ref: '#/components/schemas/Error' },
    },
  },
  Error: {
    type: 'object',
    required: ['code', 'message', 'retryable'],
    properties: {
      code: { type: 'string', enum: Object.keys(ERRORS) },
      message: { type: 'string', description: 'What is wrong and what to change.' },
      retryable: {
        type: 'boolean',
        description: 'Whether the same call may succeed later with nothing changed.',
      },
      details: {
        type: 'object',
        description: 'What the caller can act on, such as current_revision or limit.',
      },
      errors: {
        type: 'array',
        description: 'Only with INVALID_INPUT: every fault at once.',
        items: {
          type: 'object',
          required: ['pointer', 'message'],
          properties: {
            pointer: { type: 'string', description: 'JSON pointer into the input.' },
            message: { type: 'string' },
          },
        },
      },
    },
  },
  Success: {
    type: 'object',
    required: ['status_code', 'data'],
    properties: { status_code: { const: 200 }, data: { description: "The function's output." } },
  },
  BatchAnswer: {
    type: 'object',
    required: ['items'],
    properties: {
      items: {
        type: 'array',
        items: {
          anyOf: [{ $ref: '#/components/schemas/Success' }, { $ref: '#/components/schemas/Failure' }],
        },
      },
    },
  },
  Function: {
    type: 'object',
    required: ['name', 'title', 'description', 'category', 'annotations'],
    properties: {
      name: { type: 'string' },
      title: { type: 'string' },
      description: { type: 'string' },
      category: { type: 'string' },
      annotations: {
        type: 'object',
        properties: {
          readOnly: { type: 'boolean' },
          destructive: { type: 'boolean' },
          idempotent: { type: 'boolean' },
        },
      },
      errors: { type: 'array', items: { type: 'string' } },
      examples: { type: 'array', items: { type: 'object' } },
      input: { type: 'object', description: 'JSON Schema of the input.' },
      output: { type: 'object', description: 'JSON Schema of the output.' },
    },
  },
  FunctionList: {
    type: 'object',
    required: ['functions'],
    properties: { functions: { type: 'array', items: { $ref: '#/components/schemas/Function' } } },
  },
  FlowsProcess: {
    type: 'object',
    required: ['mode', 'state', 'flows_running', 'restarts'],
    properties: {
      mode: { type: 'string', enum: ['on', 'safe', 'off'] },
      state: { type: 'string', enum: ['idle', 'starting', 'running', 'waiting', 'stopped'] },
      flows_running: { type: 'boolean' },
      restarts: { type: 'integer', description: 'How often it ended by itself.' },
      resident_bytes: { type: 'integer' },
      ended: {
        type: 'object',
        description: 'How it last ended by itself.',
        properties: { at: { type: 'string', format: 'date-time' }, why: { type: 'string' } },
      },
      again_at: { type: 'string', format: 'date-time', description: 'When it is started again.' },
    },
  },
  RecognitionCounts: {
    type: 'object',
    required: ['destinations'],
    properties: {
      destinations: {
        type: 'object',
        description: 'By name; none: calls without a destination. Empty before identify was first called.',
        additionalProperties: {
          type: 'object',
          properties: {
            ...Object.fromEntries(
              RECOGNITION_COUNTERS.map(name => [
                name,
                { type: 'integer', description: `As ${name} of /metrics.` },
              ]),
            ),
            pending: { type: 'integer', description: 'Parts of calls that are still to be finished.' },
            amend: {
              type: 'object',
              description:
                'Amendments of up to 1,000 rows: how many, their seconds together, and how many took at most so long.',
              properties: {
                count: { type: 'integer' },
                seconds: { type: 'number' },
                within: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
              },
            },
          },
        },
      },
    },
  },
  Access: {
    type: 'object',
    required: ['name', 'read_only', 'functions', 'buckets', 'keys_required', 'version'],
    properties: {
      name: { type: 'string', description: 'Name of the API key; local where none is needed.' },
      read_only: { type: 'boolean', description: 'Functions that change something are refused.' },
      functions: {
        type: 'array',
        items: { type: 'string' },
        description: 'Functions allowed; * stands for any text.',
      },
      buckets: {
        type: 'array',
        items: { type: 'string' },
        description: 'Buckets allowed; * stands for any text.',
      },
      subjects: patterns('NATS subjects that writes of a bucket may be published on.'),
      destinations: patterns('Warehouses allowed.'),
      tables: patterns('Tables allowed beside those that a warehouse lists.'),
      namespaces: patterns('Tenants of transform and identify allowed.'),
      flows: { type: 'boolean', description: 'Whether what flows serve may be called.' },
      keys_required: { type: 'boolean', description: 'Whether the server asks for an API key.' },
      version: { type: 'string', description: 'Version of kvflow.' },
      state: {
        type: 'object',
        description: 'Where functions keep state.',
        properties: {
          transform: { type: 'object', properties: { bucket: { type: 'string' }, own_nats: OWN_NATS } },
          recognition: { type: 'object', properties: { own_nats: OWN_NATS } },
        },
      },
    },
  },
  Status: {
    type: 'object',
    required: ['status_code', 'data'],
    properties: {
      status_code: { const: 200 },
      data: { type: 'object', properties: { status: { type: 'string' } } },
    },
  },
};

/** A body that is one of {@link ENVELOPES}. */
export function jsonContent(schema: string): Json {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
}

/** One response per HTTP status, which names the codes it may carry. `common` are codes beside the function's own. */
export function failureResponses(own: readonly string[], common: readonly ErrorCode[] = ANY_CALL): Json {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set([...common, ...ANY_REQUEST, ...own])) {
    const status = ERRORS[code as ErrorCode]?.status;
    if (status) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, failureResponse(status, codes)]));
}

function failureResponse(status: number, codes: string[]): Json {
  const error = { $ref: '#/components/schemas/Error', properties: { code: { enum: codes } } };
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Failure' }],
    properties: { status_code: { const: status }, error },
  };
  const retry = status === 429 && {
    'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  };
  return {
    description: codes.join(', '),
    headers: { ...ID_HEADER, ...retry },
    content: { 'application/json': { schema } },
  };
}

function patterns(description: string): Json {
  return { type: 'array', items: { type: 'string' }, description };
}

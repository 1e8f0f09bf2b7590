import type { FieldError } from '../../contract/errors.ts';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { JsonSchema } from '../core/manifest.ts';
import { createCompiler } from '../core/validate.ts';

/** One call of a batch. */
export interface BatchItem {
  function: string;
  input: unknown;
  /** As the header x-kvflow-by, for this call alone. */
  by?: string;
  /** As the header traceparent, for this call alone. */
  traceparent?: string;
}

/** Most calls in one batch. */
export const BATCH_LIMIT = 1_000;

/** The body of POST /invocations; each input is checked by invoke, against its function's own schema. */
export const BATCH_SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      description: 'Calls, at most 1000. They run at once; those on one bucket and key keep their order.',
      minItems: 1,
      maxItems: BATCH_LIMIT,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['function'],
        properties: {
          function: { type: 'string', description: 'Name of the function to call.' },
          input: { description: "The function's input. Default: {}." },
          by: {
            type: 'string',
            maxLength: 1_024,
            description: 'What makes this call, as in the header x-kvflow-by. Default: that header.',
          },
          traceparent: {
            type: 'string',
            maxLength: 256,
            description:
              'The trace this call belongs to, as in the header traceparent. Default: the one of the batch.',
          },
        },
      },
    },
  },
};

/** Makes the reader of batch bodies, which throws INVALID_INPUT with every fault at once. */
export function createBatchReader(): (body: unknown) => BatchItem[] {
  const validate = createCompiler()(BATCH_SCHEMA);
  return body => {
    const count = countOf(body);
    // First of all: each of a million wrong items would have a fault of its own.
    if (count > BATCH_LIMIT) throw tooMany(count);
    const faults = validate(body);
    if (faults.length > 0) throw invalid(faults);
    return (body as { items: BatchItem[] }).items;
  };
}

function countOf(body: unknown): number {
  const items = (body as { items?: unknown } | null | undefined)?.items;
  return Array.isArray(items) ? items.length : 0;
}

function tooMany(count: number): PackError {
  const message = `A batch takes at most ${BATCH_LIMIT} items, not ${count}; send several batches.`;
  const { errors } = invalidField('/items', message);
  return new PackError('INVALID_INPUT', message, {
    details: { limit: BATCH_LIMIT },
    ...(errors && { errors }),
  });
}

function invalid(errors: FieldError[]): PackError {
  const list = errors.slice(0, 10).map(fault => `${fault.pointer || '(body)'} ${fault.message}`);
  return new PackError('INVALID_INPUT', `The batch is not valid: ${list.join('; ')}`, { errors });
}

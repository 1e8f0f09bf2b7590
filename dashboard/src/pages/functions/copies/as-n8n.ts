import { fieldKind } from '../../../../../contract/field-kind.ts';
import type { FunctionSpec } from '../../../api/functions.ts';
import type { CopiedCall } from '../../../lib/copies/copy.ts';
import type { JsonSchema } from '../../../lib/json-schema.ts';

const NS_PER_SECOND = 1e9;

/** The call as a node of n8n: JSON that is pasted into a workflow. Its credential is chosen there. */
export function asN8n({ spec, input }: CopiedCall): string {
  const { name, title, category } = spec;
  const required: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const [property, schema] of Object.entries(spec.input.properties ?? {})) {
    if (input[property] === undefined) continue;
    const target = spec.input.required?.includes(property) ? required : options;
    target[property] = toParameter(spec, schema, input[property]);
  }
  const node = {
    parameters: {
      resource: /^kv-([a-z]+)-/.exec(name)?.[1] ?? category,
      operation: name,
      ...required,
      options,
    },
    type: 'n8n-nodes-kvflow.kvflow',
    typeVersion: 1,
    position: [0, 0],
    name: title,
  };
  return JSON.stringify({ nodes: [node], connections: {} }, null, 2);
}

function toParameter({ errors }: FunctionSpec, schema: JsonSchema, value: unknown): unknown {
  const kind = fieldKind(schema);
  if (kind === 'duration' && typeof value === 'number') return value / NS_PER_SECOND;
  if (kind === 'json') return plain(JSON.stringify(value));
  const given = typeof value === 'object' ? expression(value) : plain(value);
  const listed = kind === 'bucket' && errors.includes('BUCKET_NOT_FOUND');
  return listed ? { __rl: true, mode: 'name', value: given } : given;
}

/** Text that begins with an equals sign is a program to n8n. */
function plain(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('=') ? expression(value) : value;
}

/** A program whose result is the value. Braces would end it, wherever they are, so none is in it. */
function expression(value: unknown): string {
  const text = JSON.stringify(JSON.stringify(value)).replaceAll('{', '\\u007b').replaceAll('}', '\\u007d');
  return `={{ JSON.parse(${text}) }}`;
}

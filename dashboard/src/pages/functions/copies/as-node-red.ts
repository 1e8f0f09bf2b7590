import type { FieldKind } from '../../../../../contract/field-kind.ts';
import { fieldKind } from '../../../../../contract/field-kind.ts';
import type { FunctionSpec } from '../../../api/functions.ts';
import type { CopiedCall } from '../../../lib/copies/copy.ts';
import type { JsonSchema } from '../../../lib/json-schema.ts';

/** What a node that follows a bucket sets itself. */
const OF_TRIGGERS = ['after', 'after_id', 'limit', 'wait_ms'];

/** The call as a node of Node-RED with its connection: JSON for Menu > Import, or pasted into a flow. */
export function asNodeRed({ spec, input, origin, keysRequired }: CopiedCall): string {
  const connection = {
    id: newId(),
    type: 'kvflow-connection',
    name: '',
    mode: 'http',
    servers: 'nats://127.0.0.1:4222',
    credsFile: '',
    domain: '',
    url: origin,
    // Node-RED puts the variable of its own environment in its place.
    ...(keysRequired && { credentials: { apiKey: `\${KVFLOW_API_KEY}` } }),
  };
  const trigger = isTrigger(spec.input);
  const node = {
    id: newId(),
    type: spec.name,
    name: '',
    connection: connection.id,
    ...Object.assign({}, ...fieldsOf(spec, trigger).map(field => toProperties(field, input))),
    ...(!trigger && { pick: '', result: 'payload' }),
    x: 240,
    y: 120,
    wires: mayMiss(spec) ? [[], []] : [[]],
  };
  return JSON.stringify([connection, node], null, 2);
}

interface HostField {
  name: string;
  kind: FieldKind;
  required: boolean;
}

function fieldsOf({ input }: FunctionSpec, trigger: boolean): HostField[] {
  return Object.entries(input.properties ?? {})
    .map(([name, schema]) => ({
      name,
      kind: fieldKind(schema),
      required: input.required?.includes(name) ?? false,
    }))
    .filter(({ name }) => !trigger || !OF_TRIGGERS.includes(name));
}

function toProperties({ name, kind, required }: HostField, input: Record<string, unknown>) {
  const value = input[name];
  const [type, text] = value === undefined ? missing(kind, required) : typed(kind, value);
  return { [`input_${name}`]: text, [`input_${name}_type`]: type };
}

/** As a node that was just made has it: what must be given, and is data, comes from the message. */
function missing(kind: FieldKind, required: boolean): [type: string, text: string] {
  if (!required) return ['unset', ''];
  return kind === 'value' || kind === 'json' ? ['msg', 'payload'] : ['str', ''];
}

function typed(kind: FieldKind, value: unknown): [type: string, text: string] {
  if (kind === 'code' && typeof value === 'string') return ['code', value];
  if (isPlain(value) && ['bucket', 'text', 'value', 'choice'].includes(kind)) return ['str', value];
  if (typeof value === 'number' && ['number', 'duration', 'choice'].includes(kind))
    return ['num', String(value)];
  if (typeof value === 'boolean' && kind === 'boolean') return ['bool', String(value)];
  const text = JSON.stringify(value);
  // Every field takes an expression, and JSON is one.
  return [kind === 'value' || kind === 'json' ? 'json' : 'jsonata', text];
}

/** An empty field is left out, and Node-RED puts its environment in place of `${NAME}`: neither is the text itself. */
function isPlain(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.startsWith('$');
}

/** A function that answers what came after a place, and waits for it, is a trigger. */
function isTrigger({ properties = {} }: JsonSchema): boolean {
  return 'after' in properties && 'wait_ms' in properties;
}

/** A key that is not there leaves by an output of its own. */
function mayMiss({ errors, input, otherwise }: FunctionSpec): boolean {
  if (otherwise) return true;
  return errors.includes('KEY_NOT_FOUND') && 'key' in (input.properties ?? {});
}

/** As Node-RED makes them: 16 hexadecimal digits. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

import type {
  FieldType,
  IDataObject,
  ILoadOptionsFunctions,
  ResourceMapperField,
  ResourceMapperFields,
} from 'n8n-workflow';
import { withUsableValues } from '../Kvflow/values';
import { dataOf, invoke } from './invoke';

/** How many items are looked at where no schema says what values are. */
const SAMPLES = 20;
const TYPES: Record<string, FieldType> = {
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  string: 'string',
  array: 'array',
  object: 'object',
};

interface ValueSchema {
  properties?: Record<string, { type?: string | string[]; title?: string; enum?: unknown[] }>;
  required?: string[];
}

/**
 * Fields of the JSON values of the chosen bucket: those of its value_schema, else those that items it has have. None where
 * no bucket is chosen, or where its values are no objects.
 */
export async function getValueFields(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
  const bucket = this.getCurrentNodeParameter('bucket', { extractValue: true });
  if (!bucket) return { fields: [] };
  const info = dataOf(this, await invoke(this, 'kv-bucket-info', { bucket }));
  const schema = info.value_schema as ValueSchema | undefined;
  if (schema?.properties) return { fields: ofSchema(schema) };
  const page = dataOf(this, await invoke(this, 'kv-key-list', { bucket, limit: SAMPLES }));
  const { items } = withUsableValues(page);
  return { fields: ofValues((items as IDataObject[]).map(({ value }) => value)) };
}

function ofSchema({ properties = {}, required = [] }: ValueSchema): ResourceMapperField[] {
  return Object.entries(properties).map(([id, property]) => ({
    ...field(id, TYPES[String([property.type].flat()[0])] ?? 'string'),
    displayName: property.title ?? id,
    required: required.includes(id),
    ...(property.enum && {
      type: 'options',
      options: property.enum.map(value => ({ name: String(value), value: value as string })),
    }),
  }));
}

function ofValues(values: unknown[]): ResourceMapperField[] {
  const found = new Map<string, ResourceMapperField>();
  for (const value of values) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [id, member] of Object.entries(value))
      if (!found.has(id)) found.set(id, field(id, typeOf(member)));
  }
  return [...found.values()];
}

function typeOf(member: unknown): FieldType {
  return Array.isArray(member) ? 'array' : (TYPES[typeof member] ?? 'string');
}

function field(id: string, type: FieldType): ResourceMapperField {
  return {
    id,
    displayName: id,
    type,
    required: false,
    defaultMatch: false,
    canBeUsedToMatch: false,
    display: true,
  };
}

import type { JsonSchema, ManifestFunction } from '../../../runtime/core/manifest.ts';
import { aboutOf, kindOf, propertiesOf, requiredOf } from '../hosts/schema.ts';
import { titleCase } from '../n8n.ts';

type Parameter = Record<string, unknown>;

/** What must be given, shown with the operation. A value can be put together of fields instead. */
export function n8nParameters(fn: ManifestFunction): Parameter[] {
  const required = requiredOf(fn.input);
  return entriesOf(fn)
    .filter(([name]) => required.has(name))
    .flatMap(([name, schema]) => {
      const isValue = kindOf(schema) === 'value' && takesBytes(fn);
      const parameter = {
        ...toParameter(fn, name, schema),
        // A file of the item may take its place.
        required: !isValue,
        displayOptions: shown(fn, isValue ? { valueFrom: ['value'] } : {}),
      };
      return isValue ? [valueFrom(fn), parameter, valueFields(fn)] : [parameter];
    });
}

function valueFrom(fn: ManifestFunction): Parameter {
  return {
    displayName: 'Value From',
    name: 'valueFrom',
    type: 'options',
    noDataExpression: true,
    default: 'value',
    description: 'Whether the value is given as a whole or put together of fields',
    options: [
      { name: 'Fields', value: 'fields', description: 'A JSON object of fields of the item' },
      { name: 'Value', value: 'value', description: 'Text, JSON, or a file of the item' },
    ],
    displayOptions: shown(fn),
  };
}

/** See https://docs.n8n.io/integrations/creating-nodes/build/reference/ui-elements/ on resource mappers. */
function valueFields(fn: ManifestFunction): Parameter {
  return {
    displayName: 'Fields',
    name: 'valueFields',
    type: 'resourceMapper',
    noDataExpression: true,
    default: { mappingMode: 'autoMapInputData', value: null },
    description:
      'Fields of the JSON object that is stored, as the schema of the bucket or its items have them',
    typeOptions: {
      loadOptionsDependsOn: ['bucket.value'],
      resourceMapper: {
        resourceMapperMethod: 'getValueFields',
        mode: 'add',
        fieldWords: { singular: 'field', plural: 'fields' },
        addAllFields: true,
        supportAutoMap: true,
        noFieldsError:
          'The bucket has no value schema and no JSON objects yet: map automatically, or put one first',
      },
    },
    displayOptions: shown(fn, { valueFrom: ['fields'] }),
  };
}

/** What can be given, in one collection. */
export function n8nOptions(fn: ManifestFunction): Parameter[] {
  const required = requiredOf(fn.input);
  const options = entriesOf(fn)
    .filter(([name]) => !required.has(name))
    .map(([name, schema]) => toParameter(fn, name, schema));
  if (fn.errors.includes('KEY_NOT_FOUND')) options.push(ON_MISSING);
  if (takesBytes(fn)) options.push(BINARY_IN);
  if (answersValue(fn)) options.push(BINARY_OUT);
  if (fn.otherwise) options.push(onOtherwise(fn.otherwise));
  if (options.length === 0) return [];
  return [
    {
      displayName: 'Options',
      name: 'options',
      type: 'collection',
      placeholder: 'Add option',
      default: {},
      displayOptions: shown(fn),
      options: options.sort((a, b) => String(a.displayName).localeCompare(String(b.displayName), 'en')),
    },
  ];
}

const ON_MISSING: Parameter = {
  displayName: 'When the Key Is Missing',
  name: 'onMissing',
  type: 'options',
  default: 'answer',
  description: 'What to do when the key is not there',
  options: [
    { name: 'Answer With Found: False', value: 'answer' },
    { name: 'Fail', value: 'fail' },
    { name: 'Second Output', value: 'output' },
  ],
};

/** What to do with an answer that there is nothing to go on with, such as a busy lock. */
function onOtherwise({ name }: NonNullable<ManifestFunction['otherwise']>): Parameter {
  return {
    displayName: `When ${titleCase(name)}`,
    name: 'onMissing',
    type: 'options',
    default: 'output',
    description: `Where an answer goes that says ${name}`,
    options: [
      { name: 'First Output', value: 'answer' },
      { name: 'Second Output', value: 'output' },
    ],
  };
}

const BINARY_IN: Parameter = {
  displayName: 'Input Binary Field',
  name: 'inputBinaryField',
  type: 'string',
  default: 'data',
  hint: 'The name of the input field containing the file to be stored',
  description: 'Field of the item that has the bytes to store, in place of Value',
};

const BINARY_OUT: Parameter = {
  displayName: 'Put Output File in Field',
  name: 'outputBinaryField',
  type: 'string',
  default: 'data',
  hint: 'The name of the output binary field to put the file in',
  description: 'Answer the value as a file in this field of the item, in place of JSON',
};

function takesBytes({ input }: ManifestFunction): boolean {
  const { value, encoding } = propertiesOf(input);
  return value !== undefined && encoding !== undefined && kindOf(value) === 'value';
}

function answersValue({ output }: ManifestFunction): boolean {
  const { value, encoding } = propertiesOf(output);
  return value !== undefined && encoding !== undefined;
}

function entriesOf({ input }: ManifestFunction): [string, JsonSchema][] {
  return Object.entries(propertiesOf(input));
}

function shown({ name }: ManifestFunction, also: Record<string, string[]> = {}) {
  return { show: { operation: [name], ...also } };
}

function toParameter(fn: ManifestFunction, name: string, schema: JsonSchema): Parameter {
  const kind = kindOf(schema);
  const unit = kind === 'duration' ? ' (Seconds)' : '';
  return {
    displayName: `${titleCase(name)}${unit}`,
    name,
    ...widget(fn, schema),
    description: kind === 'duration' ? inSeconds(schema) : String(schema.description ?? ''),
  };
}

function widget(fn: ManifestFunction, schema: JsonSchema): Parameter {
  const example = (schema.examples as unknown[] | undefined)?.[0];
  const fallback = schema.default;
  switch (kindOf(schema)) {
    case 'bucket':
      return isThere(fn) ? bucketList(example) : { type: 'string', default: '', placeholder: example };
    case 'code':
      return { type: 'string', typeOptions: { editor: 'jsEditor' }, default: '' };
    case 'choice':
      return {
        type: 'options',
        default: fallback ?? choices(schema)[0],
        options: choices(schema).map(toOption),
      };
    case 'number':
      return { type: 'number', default: fallback ?? schema.minimum ?? 0 };
    case 'duration':
      return { type: 'number', typeOptions: { minValue: 0, numberPrecision: 3 }, default: 60 };
    case 'boolean':
      return { type: 'boolean', default: fallback ?? false };
    case 'json':
      return { type: 'json', default: JSON.stringify(fallback ?? example ?? {}) };
    case 'value':
      return { type: 'string', typeOptions: { rows: 3 }, default: '' };
    case 'text':
      return {
        type: 'string',
        default: fallback ?? '',
        ...(typeof example === 'string' && { placeholder: example }),
      };
  }
}

/** A bucket that must be there can be chosen. */
function isThere({ errors }: ManifestFunction): boolean {
  return errors.includes('BUCKET_NOT_FOUND');
}

function bucketList(example: unknown): Parameter {
  const list = {
    displayName: 'From List',
    name: 'list',
    type: 'list',
    typeOptions: { searchListMethod: 'searchBuckets', searchable: true },
  };
  const name = { displayName: 'By Name', name: 'name', type: 'string', placeholder: example };
  return { type: 'resourceLocator', default: { mode: 'list', value: '' }, modes: [list, name] };
}

function choices(schema: JsonSchema): (string | number)[] {
  return schema.enum as (string | number)[];
}

function toOption(value: string | number) {
  return { name: titleCase(String(value)), value };
}

/** The API counts in nanoseconds, which nobody wants to type; the schema says what it is for without them. */
function inSeconds(schema: JsonSchema): string {
  return `In seconds. ${aboutOf(schema).split(/(?<=\.)\s/, 1)[0]}`;
}

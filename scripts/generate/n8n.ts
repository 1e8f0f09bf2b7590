import type { JsonSchema, Manifest, ManifestFunction } from '../../runtime/core/manifest.ts';
import { kindOf, propertiesOf, requiredOf } from './hosts/schema.ts';
import { n8nOptions, n8nParameters } from './n8n/parameters.ts';

/** What the package for n8n has of the manifest, by file of nodes/Kvflow/built: written when it is built. */
export function n8nFiles({ functions }: Manifest): [file: string, text: string][] {
  return [
    [
      'properties.ts',
      module(
        'properties: INodeProperties[]',
        "import type { INodeProperties } from 'n8n-workflow';",
        n8nProperties(functions),
      ),
    ],
    [
      'fields.ts',
      module(
        'fields: Record<string, Field[]>',
        "import type { Field } from '../field';",
        n8nFields(functions),
      ),
    ],
  ];
}

function module(declaration: string, imports: string, value: unknown): string {
  const note = '// Built from manifest.json; do not edit. npm run build in hosts/n8n writes it.';
  return `${note}\n${imports}\n\nexport const ${declaration} = ${JSON.stringify(value, null, 2)};\n`;
}

/** What becomes of each parameter on its way to kvflow, by function. */
export function n8nFields(functions: ManifestFunction[]) {
  return Object.fromEntries(functions.map(({ name, input }) => [name, fieldsOf(input)]));
}

function fieldsOf(input: JsonSchema) {
  const required = requiredOf(input);
  return Object.entries(propertiesOf(input)).map(([name, schema]) => {
    const kind = kindOf(schema);
    return {
      name,
      kind: ['json', 'duration', 'value'].includes(kind) ? kind : 'plain',
      required: required.has(name),
    };
  });
}

/** Parameters of every operation. */
export function n8nProperties(functions: ManifestFunction[]) {
  const resources = [...new Set(functions.map(resourceOf))];
  return [
    {
      displayName: 'Resource',
      name: 'resource',
      type: 'options',
      noDataExpression: true,
      options: resources.map(value => ({ name: titleCase(value), value })),
      default: resources.includes('key') ? 'key' : resources[0],
    },
    ...resources.map(resource => operations(resource, functions)),
    ...functions.flatMap(fn => [...n8nParameters(fn), ...n8nOptions(fn)]),
  ];
}

function operations(resource: string, functions: ManifestFunction[]) {
  const own = functions.filter(fn => resourceOf(fn) === resource);
  const options = own.map(({ name, title, description }) => ({
    name: titleCase(operationOf(name)),
    value: name,
    description: description.split(/(?<=\.)\s/, 1)[0],
    action: title,
  }));
  options.sort((a, b) => a.name.localeCompare(b.name, 'en'));
  return {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [resource] } },
    options,
    default: own.find(({ name }) => name === 'kv-key-get')?.name ?? options[0]?.value,
  };
}

const KV = /^kv-([a-z]+)-(.+)$/;

/** kv-key-put belongs to the key; a function with a name of its own, to its category. */
function resourceOf({ name, category }: ManifestFunction): string {
  return KV.exec(name)?.[1] ?? category;
}

function operationOf(name: string): string {
  return KV.exec(name)?.[2] ?? name;
}

const ABBREVIATIONS = new Set(['id', 'json', 'ttl', 'url']);

/** As n8n writes names: get-many is Get Many, key-ttl is Key TTL. */
export function titleCase(name: string): string {
  const toWord = (word: string) =>
    ABBREVIATIONS.has(word) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1);
  return name.split(/[-_]/).map(toWord).join(' ');
}

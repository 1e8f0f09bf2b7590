import { ANY_CALL_ERRORS } from '../../contract/errors.ts';
import type { Example, JsonSchema, Manifest, ManifestFunction } from '../../runtime/core/manifest.ts';
import { laidJson } from './laid-json.ts';

/** docs/functions/<name>.md for every function. */
export function functionPages(manifest: Manifest): [path: string, text: string][] {
  return manifest.functions.map(fn => [`docs/functions/${fn.name}.md`, page(fn)]);
}

function page(fn: ManifestFunction): string {
  return [
    '<!-- Generated from the schema by npm run generate; do not edit. -->',
    `# ${fn.name}`,
    `**${fn.title}.** ${fn.description}`,
    traits(fn),
    '## Input',
    table(fn.input),
    '## Output',
    table(fn.output),
    '## Errors',
    errors(fn),
    '## Examples',
    ...fn.examples.map(example => exampleText(fn.name, example)),
    '',
  ].join('\n\n');
}

function traits({ annotations }: ManifestFunction): string {
  const words = [
    annotations.readOnly ? 'changes nothing' : 'changes data',
    annotations.destructive ? 'may replace or remove what was stored' : '',
    annotations.idempotent ? 'safe to call again' : 'calling again does it again',
  ];
  return `${words.filter(Boolean).join(' · ')}`;
}

function table(schema: JsonSchema): string {
  const rows = propertyRows(schema, '');
  if (rows.length === 0) return 'None.';
  return ['| name | type | default | |', '|---|---|---|---|', ...rows].join('\n');
}

function propertyRows(schema: JsonSchema, prefix: string): string[] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const required = (schema.required ?? []) as string[];
  return Object.entries(properties).flatMap(([name, property]) => [
    row(prefix + name, property, required.includes(name)),
    ...nestedRows(property, prefix + name),
  ]);
}

function nestedRows(property: JsonSchema, name: string): string[] {
  const items = property.items as JsonSchema | undefined;
  return items?.properties ? propertyRows(items, `${name}[].`) : propertyRows(property, `${name}.`);
}

function row(name: string, schema: JsonSchema, required: boolean): string {
  const initial = 'default' in schema ? `\`${JSON.stringify(schema.default)}\`` : required ? 'required' : '';
  return `| \`${name}\` | ${typeText(schema)} | ${initial} | ${cell(String(schema.description ?? ''))} |`;
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (Array.isArray(schema.enum)) return schema.enum.map(value => `\`${value}\``).join(', ');
  const type = [schema.type ?? 'any'].flat().join(', ');
  return [type, range(schema), schema['x-unit']].filter(Boolean).join(', ');
}

function range(schema: JsonSchema): string {
  const top = Number(schema.maximum ?? Number.MAX_SAFE_INTEGER);
  if (schema.minimum === undefined) return '';
  return top >= Number.MAX_SAFE_INTEGER ? `at least ${schema.minimum}` : `${schema.minimum} to ${top}`;
}

function errors(fn: ManifestFunction): string {
  const own = codes(fn.errors);
  const any = codes(ANY_CALL_ERRORS.filter(code => !fn.errors.includes(code)));
  return `${own ? `${own}, and any` : 'Any'} call may answer ${any.replace(/, (?=[^,]*$)/, ' or ')}. [What each means](../errors.md).`;
}

function codes(all: readonly string[]): string {
  return all.map(code => `\`${code}\``).join(', ');
}

function exampleText(name: string, example: Example): string {
  const answer = example.error
    ? `answers \`${example.error}\`.`
    : `answers\n\n\`\`\`json\n${laidJson(example.output)}\`\`\``;
  return `**${example.title}**\n\n\`\`\`json\n${laidJson(example.input)}\`\`\`\n\n${given(name, example)}${answer}`;
}

function given(name: string, example: Example): string {
  if (!example.given) return '';
  const calls = example.given.map(call => `\`${call.function} ${JSON.stringify(call.input)}\``);
  return `after ${calls.join(', ')}, ${name} `;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

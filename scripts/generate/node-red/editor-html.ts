import type { CatalogEntry, Field } from '../../../hosts/node-red/lib/types.d.ts';
import type { JsonSchema, ManifestFunction } from '../../../runtime/core/manifest.ts';
import { propertiesOf } from '../hosts/schema.ts';

/** Form of one node's dialog. */
export function nodeTemplate(entry: CatalogEntry): string {
  const rows = [
    row('name', 'Name', '<input type="text" id="node-input-name">', 'tag'),
    row('connection', 'Connection', '<input type="text" id="node-input-connection">', 'plug'),
    ...entry.fields.map(fieldRow),
    ...(entry.trigger ? [] : resultRows(entry)),
  ];
  return `<script type="text/html" data-template-name="${entry.name}">\n${rows.join('\n')}\n</script>`;
}

/** Help of one node; its first paragraph is the palette's tooltip. */
export function nodeHelp(fn: ManifestFunction, entry: CatalogEntry): string {
  const parts = [
    `<p>${escapeHtml(fn.description)}</p>`,
    '<h3>Fields</h3>',
    list(entry.fields.map(field => describe(field, fn.input))),
    ...outputs(fn, entry),
    `<p>Failures go to Catch nodes: the code is in <code>msg.error.code</code>, the whole answer in <code>msg.error.cause</code>.${errorsOf(fn, entry)}</p>`,
  ];
  return `<script type="text/html" data-help-name="${fn.name}">\n${parts.join('\n')}\n</script>`;
}

function fieldRow(field: Field): string {
  const id = `input_${field.name}`;
  const type = `<input type="hidden" id="node-input-${id}_type">`;
  if (field.kind !== 'code')
    return row(id, field.name, `<input type="text" id="node-input-${id}" style="width: 70%">${type}`);
  const editor = `<div class="node-text-editor" style="height: 260px" id="node-input-${id}-editor"></div>`;
  return row(id, field.name, `<input type="hidden" id="node-input-${id}">${type}${editor}`);
}

function resultRows({ results }: CatalogEntry): string[] {
  const options = [
    '<option value="">the whole answer</option>',
    ...results.map(name => `<option>${name}</option>`),
  ];
  return [
    row(
      'pick',
      'Send',
      `<select id="node-input-pick" style="width: 70%">${options.join('')}</select>`,
      'reply',
    ),
    row('result', 'as', '<input type="text" id="node-input-result" style="width: 70%">'),
  ];
}

function row(id: string, label: string, input: string, icon?: string): string {
  const mark = icon ? `<i class="fa fa-${icon}"></i> ` : '';
  return `  <div class="form-row"><label for="node-input-${id}">${mark}${escapeHtml(label)}</label> ${input}</div>`;
}

function describe(field: Field, input: JsonSchema): string {
  const { description = '' } = propertiesOf(input)[field.name] ?? {};
  const optional = field.required ? '' : ' class="optional"';
  return `<dt${optional}>${field.name}</dt><dd>${escapeHtml(String(description))}</dd>`;
}

function outputs({ output }: ManifestFunction, { branches, trigger, otherwise }: CatalogEntry): string[] {
  if (trigger) {
    const { events } = propertiesOf(output);
    const event = propertiesOf((events?.items ?? {}) as JsonSchema);
    return [
      '<h3>Output</h3>',
      '<p>A message per change: <code>topic</code> is the key, <code>payload</code> has</p>',
      list(properties(event)),
    ];
  }
  if (otherwise) {
    const second = `<p>The second output is for ${otherwise.name}: the answer, with <code>${otherwise.property}</code> false.</p>`;
    return ['<h3>Output</h3>', list(properties(propertiesOf(output))), second];
  }
  const missing = branches
    ? [
        '<p>The second output is for a key that is not there: <code>msg.payload</code> (or what "as" names) is then null.</p>',
      ]
    : [];
  return ['<h3>Output</h3>', list(properties(propertiesOf(output))), ...missing];
}

function properties(schemas: Record<string, JsonSchema>): string[] {
  return Object.entries(schemas).map(
    ([name, { description = '' }]) => `<dt>${name}</dt><dd>${escapeHtml(String(description))}</dd>`,
  );
}

function errorsOf({ errors }: ManifestFunction, { branches }: CatalogEntry): string {
  const codes = errors.filter(code => !branches || code !== 'KEY_NOT_FOUND');
  return codes.length === 0 ? '' : ` Codes: ${codes.map(code => `<code>${code}</code>`).join(', ')}.`;
}

function list(items: string[]): string {
  return items.length === 0 ? '<p>None.</p>' : `<dl class="message-properties">\n${items.join('\n')}\n</dl>`;
}

/** Descriptions are text. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

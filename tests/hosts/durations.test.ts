/** Times that the API counts in nanoseconds, in hosts where a unit is chosen or fields are seconds. */
import { expect, test } from '@jest/globals';
import { fieldKind } from '../../contract/field-kind.ts';
import manifestJson from '../../manifest.json' with { type: 'json' };
import type { JsonSchema, Manifest } from '../../runtime/core/manifest.ts';
import { kindOf, propertiesOf } from '../../scripts/generate/hosts/schema.ts';
import { n8nOptions, n8nParameters } from '../../scripts/generate/n8n/parameters.ts';
import { nodeRedCatalog } from '../../scripts/generate/node-red/pack.ts';

const manifest = manifestJson as unknown as Manifest;
const durations = manifest.functions.flatMap(fn =>
  Object.entries(propertiesOf(fn.input))
    .filter(([, schema]) => schema['x-unit'] === 'nanoseconds')
    .map(([field, schema]) => ({ fn, field, schema })),
);

test.each(durations.map(({ fn, field, schema }) => [`${fn.name}.${field}`, schema] as const))(
  'hosts - %s says what it is for without nanoseconds, and is a duration by its annotation alone',
  (_name, schema) => {
    expect(schema['x-about']).toEqual(expect.stringMatching(/^[A-Z].*\.$/));
    expect(schema['x-about']).not.toMatch(/nanosecond|\d{6}/i);
    expect(kindOf(schema)).toBe('duration');
    expect(kindOf({ ...schema, 'x-unit': 'bytes' })).not.toBe('duration');
  },
);

test('hosts - what a property is to a form is the same in the dashboard, Node-RED and n8n', () => {
  const all = manifest.functions.flatMap(fn => Object.values(propertiesOf(fn.input)));
  expect(all.map(kindOf)).toEqual(all.map(schema => fieldKind(schema)));
  expect(new Set(all.map(kindOf)).size).toBe(9);
});

test('hosts - Node-RED and n8n show these texts', () => {
  const about = new Map(
    nodeRedCatalog(manifest).flatMap(({ name, fields }) =>
      fields.map(field => [`${name}.${field.name}`, field.about] as const),
    ),
  );
  for (const { fn, field, schema } of durations) {
    expect(about.get(`${fn.name}.${field}`)).toBe(schema['x-about']);
    const [shown] = [...n8nParameters(fn), ...n8nOptions(fn)]
      .flatMap(parameter => [parameter, ...((parameter.options ?? []) as JsonSchema[])])
      .filter(({ name, displayName }) => name === field && String(displayName).endsWith('(Seconds)'));
    expect(shown?.description).toMatch(/^In seconds\. [A-Z]/);
    expect(String(schema['x-about'])).toContain(String(shown?.description).replace('In seconds. ', ''));
  }
});

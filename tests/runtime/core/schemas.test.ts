import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import manifest from '../../../manifest.json' with { type: 'json' };
import { createCompiler } from '../../../runtime/core/validate.ts';

test('schemas - each is a JSON Schema, which is not checked when kvflow starts', () => {
  const ajv = new Ajv2020({ strict: false });
  for (const { name, input, output } of manifest.functions)
    for (const schema of [input, output])
      expect([name, ajv.validateSchema(schema), ajv.errors]).toEqual([name, true, null]);
  expect(ajv.validateSchema({ type: 'objekt' })).toBe(false);
});

test('schemas - each can be compiled, which kvflow does when a function is called first', () => {
  const compile = createCompiler();
  for (const { name, input, output } of manifest.functions)
    for (const schema of [input, output]) {
      const check = compile(schema);
      expect([name, check(null)]).toEqual([name, [{ pointer: '', message: expect.any(String) }]]);
    }
  expect(() => compile({ type: 'object', propertys: {} })).toThrow('propertys');
});

import { Script } from 'node:vm';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ERRORS } from '../../../contract/errors.ts';
import { functions } from '../../../functions/index.gen.ts';
import manifest from '../../../manifest.json' with { type: 'json' };
import { createRegistry } from '../../../runtime/core/registry.ts';
import { startServer } from './helpers.ts';

const registry = createRegistry(manifest as never, functions);

test.each(['/', '/docs'])('pages - %s needs nothing from elsewhere and runs nothing inline', async path => {
  await using server = await startServer();
  const { status, headers, text } = await server.get(path);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(text).not.toMatch(/https?:\/\/|<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
  for (const [, link = ''] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
    expect([link, (await server.get(link)).status]).toEqual([link, 200]);
  }
});

test('pages - the script of /docs is JavaScript that never sets markup', async () => {
  await using server = await startServer();
  const { text, headers } = await server.get('/docs/app.js');
  expect(headers['content-type']).toContain('text/javascript');
  expect(() => new Script(text)).not.toThrow();
  expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|localStorage/);
});

test('openapi - every function has a path whose schemas compile and whose examples fit', async () => {
  await using server = await startServer({}, { registry });
  const { json } = await server.get('/openapi.json');
  expect(json.openapi).toBe('3.1.0');
  for (const fn of registry.list()) {
    const { post } = json.paths[`/functions/${fn.name}/invocations`];
    const body = post.requestBody.content['application/json'];
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(body.schema);
    const examples = Object.values(body.examples) as { summary: string; value: unknown }[];
    expect(examples).toHaveLength(fn.examples.length);
    for (const { summary, value } of examples) {
      if (!summary.includes('INVALID_INPUT'))
        expect([fn.name, summary, check(value)]).toEqual([fn.name, summary, true]);
    }
    const statuses = fn.errors.map(code => String(ERRORS[code as keyof typeof ERRORS].status));
    expect(Object.keys(post.responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '429', '503', '504', ...statuses]),
    );
  }
});

test('openapi - every reference leads somewhere, operations have names of their own, and failures fit', async () => {
  await using server = await startServer({}, { registry });
  const { json, text } = await server.get('/openapi.json');
  for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
    expect(json.components.schemas).toHaveProperty(name);
  }
  expect(text.match(/"\$ref":"(?!#\/components)/)).toBeNull();
  const operations = Object.values(json.paths).flatMap(path => Object.values(path as object));
  expect(new Set(operations.map(one => one.operationId)).size).toBe(operations.length);
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'doc', components: json.components });
  const failed = await server.post('/functions/kv-key-get/invocations', { bucket: 1 });
  const failure = ajv.getSchema('doc#/components/schemas/Failure');
  expect([failure?.(failed.json), failure?.errors]).toEqual([true, null]);
});

test('openapi - every example of an answer fits its schema, and the streams of buckets are there', async () => {
  await using server = await startServer({}, { registry });
  const { json } = await server.get('/openapi.json');
  const misfits: unknown[] = [];
  for (const fn of registry.list()) {
    const { schema, examples = {} } =
      json.paths[`/functions/${fn.name}/invocations`].post.responses[200].content['application/json'];
    const check = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    for (const { summary, value } of Object.values(examples) as { summary: string; value: unknown }[])
      if (!check(value)) misfits.push([fn.name, summary, check.errors]);
  }
  expect(misfits).toEqual([]);
  expect(Object.keys(json.paths)).toEqual(
    expect.arrayContaining(['watch', 'export', 'import'].map(route => `/buckets/{bucket}/${route}`)),
  );
});

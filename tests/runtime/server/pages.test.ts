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
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const fn of registry.list()) {
    const { post } = json.paths[`/functions/${fn.name}/invocations`];
    const body = post.requestBody.content['application/json'];
    const check = ajv.compile(body.schema);
    const examples = Object.values(body.examples) as { summary: string; value: unknown }[];
    // Those of what is refused are no examples of the schema.
    expect(examples).toHaveLength(fn.examples.filter(({ error }) => error !== 'INVALID_INPUT').length);
    for (const { summary, value } of examples)
      expect([fn.name, summary, check(value)]).toEqual([fn.name, summary, true]);
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
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  for (const fn of registry.list()) {
    const { schema, examples = {} } =
      json.paths[`/functions/${fn.name}/invocations`].post.responses[200].content['application/json'];
    const check = ajv.compile(schema);
    for (const { summary, value } of Object.values(examples) as { summary: string; value: unknown }[])
      if (!check(value)) misfits.push([fn.name, summary, check.errors]);
  }
  expect(misfits).toEqual([]);
});

test('openapi - every route of the server that is no page is in it, with each of its methods', async () => {
  await using server = await startServer({}, { registry, mcp: async () => ({}) as never });
  const { json } = await server.get('/openapi.json');
  const paths = json.paths as Record<string, Record<string, { tags: string[]; description?: string }>>;
  const tags = (json.tags as { name: string; description: string }[]).map(({ name }) => name);
  for (const path of Object.values(paths)) {
    for (const [method, operation] of Object.entries(path)) {
      if (method === 'parameters') continue;
      expect(tags).toEqual(expect.arrayContaining(operation.tags));
      expect(operation.description).toMatch(/\S/);
    }
  }
  const { routes } = server;
  const missing = routes.filter(({ method, path }) => {
    const named = path
      .replace('/functions/:name/inv', '/functions/kv-key-get/inv')
      .replace('/keys/*', '/keys/{key}');
    const operations = paths[named.replace(/:(\w+)|\*/g, (_all, name = 'name') => `{${name}}`)];
    // HEAD goes with GET.
    return !operations?.[method.toLowerCase()] && !(method === 'HEAD' && operations?.get);
  });
  expect(missing.filter(({ path }) => !PAGES.test(path))).toEqual([]);
});

const PAGES = /^\/($|docs|favicon|ui)/;

test('schemas - each is served at the path of its $id, and so is what it refers to', async () => {
  await using server = await startServer({}, { registry });
  // As a stranger's validator does: what is referred to is where the reference leads from the document that has it.
  const ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    loadSchema: async uri => {
      const { json, headers, status } = await server.get(new URL(uri).pathname);
      expect([uri, status, headers['content-type']]).toEqual([
        uri,
        200,
        'application/schema+json; charset=utf-8',
      ]);
      return json;
    },
  });
  for (const { name, examples } of registry.list()) {
    const { json } = await server.get(`/schemas/${name}.json`);
    expect(URL.parse(json.$id)?.pathname).toBe(`/schemas/${name}.json`);
    await ajv.compileAsync({ $ref: `${json.$id}#/$defs/output` });
    const check = await ajv.compileAsync({ $ref: `${json.$id}#/$defs/input` });
    for (const { title, input, error } of examples)
      if (error === undefined)
        expect([name, title, check(input), check.errors]).toEqual([name, title, true, null]);
  }
  // A validator asks for what a fragment says and for what stands beside the reference.
  const touch = ajv.getSchema('https://kvflow.dev/schemas/kv-key-touch.json#/$defs/input');
  expect(touch?.({ bucket: 'b', key: 'k', ttl: 0 })).toBe(true);
  for (const path of [
    'nope.json',
    '../package.json',
    '%2e%2e/package.json',
    'kv-key-put',
    'shared/../kv-key-put.json',
  ])
    expect([404, 400]).toContain((await server.send({ path: `/schemas/${path}` })).status);
});

test('asyncapi - the streams, with what each event says as kv-key-watch answers it', async () => {
  await using server = await startServer({}, { registry });
  const { json } = await server.get('/asyncapi.json');
  expect(Object.values(json.channels).map(channel => (channel as { address: string }).address)).toEqual([
    '/buckets/{bucket}/watch',
    '/watches',
  ]);
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(
    json.components.messages.put.payload,
  );
  const put = { key: 'k', value: 'v', revision: 1, created_at: '2026-01-31T12:00:00.000Z', operation: 'put' };
  expect([check(put), check({ ...put, operation: 'nothing' })]).toEqual([true, false]);
});

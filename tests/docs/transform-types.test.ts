/** The types of a script, as an editor sees them: by TypeScript's own compiler, in a folder that has kvflow installed. */
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { forAll } from '../support/for-all.ts';
import { tempDir } from '../support/temp-dir.ts';

const root = join(import.meta.dirname, '../..');
const TSC = join(root, 'node_modules/typescript/bin/tsc');
const FLAGS = '--noEmit --allowJs --checkJs --strict --target esnext --module esnext --moduleDetection force';

const folder = forAll(tempDir);

beforeAll(async () => {
  await mkdir(join(folder.path, 'node_modules'));
  await symlink(root, join(folder.path, 'node_modules/kvflow'), 'junction');
});

/** The errors of a script, as line and number. */
async function errorsOf(...lines: string[]): Promise<string[]> {
  const text = ['/// <reference types="kvflow/transform" />', ...lines].join('\n');
  await writeFile(join(folder.path, 'script.js'), text);
  const args = [TSC, ...FLAGS.split(' '), '--moduleResolution', 'bundler', 'script.js'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder.path }).catch(
    error => error,
  );
  return [...String(stdout).matchAll(/script\.js\((\d+),\d+\): error (TS\d+)/g)].map(
    ([, line, code]) => `${line} ${code}`,
  );
}

test('types - a script that uses all there is has no errors', async () => {
  const errors = await errorsOf(
    'const seen = await $kv.incr($.user.id, 1, { ttlSec: 60 })',
    'await $kv.update("a", value => (value ?? 0) + 1, { ttlMs: 5 })',
    'await $kv.set("b", { at: Date.now() }); await $kv.get("b"); await $kv.del("b")',
    'console.log(seen, $context.header("user-agent")?.toLowerCase(), destinationId, destinationType)',
    '_.hash = $hash("sha256", $.email)',
    'await $kv.set("c", 1, { ttl: "1h30m" }); $.sent = [toAmplitude($), toFacebook($), toGoogleAnalytics($)]',
    '/** @param {TransformEvent} e @param {TransformContext} ctx */',
    'export async function transform(e, { store, log: own, kv }) {',
    '  await store.set("n", 1, { ttl: "7d" }); own.info("%d", await kv.ttl("n"))',
    '  if (e.test) throw new DropEvent(); else throw new RetryError("later", { drop: true })',
    '}',
    'export default [toSegment($), { ...$, seen, [TABLE_NAME]: "events" }]',
  );
  expect(errors).toEqual([]);
});

test('types - what a script cannot do is an error at its line', async () => {
  const errors = await errorsOf(
    '$kv.put("a", 1)',
    '$hash("crc32", "x")',
    '$kv.set("a", 1, { ttl: 5 })',
    '$context.cookie("a")',
  );
  expect(errors).toEqual(['2 TS2339', '3 TS2345', '4 TS2322', '5 TS2339']);
});

test('types - a return at the top is all that an editor has to say of a script that is right', async () => {
  expect(await errorsOf('return { ...$, n: 1 }')).toEqual(['2 TS1108']);
});

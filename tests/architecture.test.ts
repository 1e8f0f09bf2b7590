/** Enforces "Who may import what" of the architecture, over every source file, lazily imported modules included. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { EVENTS_BUCKET, OWN_BUCKETS } from '../contract/own-buckets.ts';
import { noNode } from '../dashboard/build/no-node.ts';
import type { Import } from '../scripts/generate/imports.ts';
import { sourceFiles as filesBelow, importsOf, withoutComments } from '../scripts/generate/imports.ts';
import { roomsDrawing } from '../scripts/generate/rooms.ts';
import { circlesOf } from './support/circles.ts';

const ROOT = join(import.meta.dirname, '..');
const COMPUTED = /\bimport\(\s*(?!['"])[^)]/;

/** Packages that one folder alone may import, whatever else it needs. */
const OWNERS: [packages: RegExp, folder: string][] = [
  [/^@nats-io\//, 'runtime/nats/'],
  [/^(fastify|@fastify\/.*|prom-client)$/, 'runtime/server/'],
  [/^(vm2|maxmind)$/, 'runtime/sandbox/'],
  [/^@opentelemetry\//, 'runtime/telemetry/'],
  [/^yaml$/, 'runtime/config/'],
  [/^node:sqlite$/, 'runtime/warehouses/sqlite/'],
  ...driverOwners(),
];

/** A driver belongs to the warehouse whose folder imports it: a folder is a warehouse where it has a destination.ts. */
function driverOwners(): [RegExp, string][] {
  const files = filesBelow(ROOT);
  const folders = files.flatMap(
    file => /^(runtime\/warehouses\/\w+\/)destination\.ts$/.exec(file)?.[1] ?? [],
  );
  return folders.flatMap(folder => {
    const own = files.filter(file => file.startsWith(folder));
    const targets = own.flatMap(file => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));
    const drivers = targets.filter(({ relative, target }) => !relative && !target.startsWith('node:'));
    const names = new Set(drivers.map(({ target }) => /^(@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target));
    return [...names].map((name): [RegExp, string] => [new RegExp(`^${name}(/|$)`), folder]);
  });
}
const PURE_BUILTINS = /^node:(buffer|crypto|util|url|timers)$/;
/** The rooms that everything of the runtime may stand on. */
const GROUND = /^(contract|runtime\/core|runtime\/locks|runtime\/processes)\//;
const WIRING = /^runtime\/main(\.ts$|\/)/;
const ENTRY = 'runtime/transports/cli/main.ts';

/** What is wrong with an import, or undefined. */
type Rule = (it: Import) => string | undefined;

const RULES: Rule[] = [
  ({ file, target, relative }) => {
    if (!file.startsWith('contract/') || (relative && target.startsWith('contract/'))) return undefined;
    return 'contract/ runs in a browser and imports nothing but itself';
  },
  ({ file, target, relative }) => {
    if (!file.startsWith('functions/')) return undefined;
    const generated = file === 'functions/index.gen.ts' && target.startsWith('functions/');
    if (generated || GROUND.test(target) || (!relative && PURE_BUILTINS.test(target))) return undefined;
    return 'functions/ import runtime/core and contract/ only';
  },
  ({ file, target, relative }) => {
    if (!file.startsWith('runtime/core/')) return undefined;
    if (relative)
      return GROUND.test(target) ? undefined : 'runtime/core imports contract/ and nothing else of ours';
    const pure = PURE_BUILTINS.test(target) || /^(ajv(-formats)?|re2js)(\/|$)/.test(target);
    return pure ? undefined : 'runtime/core does no I/O: ajv, re2js and pure builtins only';
  },
  ({ file, target, relative }) => {
    if (!file.startsWith('runtime/') || WIRING.test(file) || !relative) return undefined;
    const isEntry = file === ENTRY && WIRING.test(target);
    if (isEntry || GROUND.test(target) || target.startsWith(unitOf(file))) return undefined;
    return `${unitOf(file)} imports contract/, runtime/core and no sibling; runtime/main.ts alone knows them all`;
  },
  ({ file, target, relative }) => {
    if (relative) return undefined;
    const owner = OWNERS.find(([packages]) => packages.test(target))?.[1];
    const runs = file.startsWith('runtime/') || file.startsWith('functions/');
    return owner && runs && !file.startsWith(owner) ? `${target} is imported in ${owner} only` : undefined;
  },
  ({ file, target, relative }) => {
    const [client] = /^(dashboard|hosts\/[^/]+)\//.exec(file) ?? [];
    if (!client || !relative || target.startsWith(client) || target.startsWith('contract/')) return undefined;
    return `${client} is a client of the invocation API, imports contract/ and nothing else`;
  },
  ({ file, target }) => {
    const [, engine] = /^runtime\/warehouses\/([^/]+)\//.exec(file) ?? [];
    const [, other] = /^runtime\/warehouses\/([^/]+)\//.exec(target) ?? [];
    if (!engine || !other || engine === other || ['postgres', 'shared'].includes(other)) return undefined;
    return 'a warehouse imports the contract, what is shared, and parts of postgres';
  },
];

/** What a file belongs to and may import from: its folder of runtime/, its own transport within transports/. */
function unitOf(file: string): string {
  const parts = file.split('/');
  const depth = parts[1] === 'transports' && parts.length > 3 ? 3 : 2;
  return `${parts.slice(0, depth).join('/')}/`;
}

function faultsOf(file: string, text: string): string[] {
  const broken = importsOf(file, text).flatMap(it =>
    RULES.flatMap(rule => rule(it) ?? []).map(rule => `${file} imports ${it.target}: ${rule}`),
  );
  const computed = /^(runtime|functions)\//.test(file) && COMPUTED.test(withoutComments(text));
  return computed ? [...broken, `${file}: an import() whose module is computed cannot be checked`] : broken;
}

const OWN_NAMES = new RegExp(`['"\`](${Object.keys(OWN_BUCKETS).join('|')})['"\`]`);

/** A name of a bucket of ours that is written out: a copy, which the next change of the name would miss. */
function copiedName(file: string, text: string): string | undefined {
  // Generated files take it from a schema.
  if (file.startsWith('contract/') || /(\.gen\.ts|\.html)$|\/(generated|examples)\//.test(file))
    return undefined;
  const [, name] = OWN_NAMES.exec(withoutComments(text)) ?? [];
  return name && `${file} spells the bucket ${name}: import its name from contract/own-buckets.ts`;
}

const sourceFiles = () => filesBelow(ROOT);

test('architecture - every import of every source file follows the arrows', () => {
  const files = sourceFiles();
  expect(files).toContain('runtime/main.ts');
  const faults = files.flatMap(file => faultsOf(file, readFileSync(join(ROOT, file), 'utf8')));
  expect(faults).toEqual([]);
});

test('architecture - a relative import names a file that is there', () => {
  const files = sourceFiles().filter(file => /^(runtime|functions)\//.test(file));
  const missing = files
    .flatMap(file => importsOf(file, readFileSync(join(ROOT, file), 'utf8')))
    .filter(({ relative, target }) => relative && !existsSync(join(ROOT, target)))
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(missing).toEqual([]);
});

const BROKEN: [file: string, code: string][] = [
  ['functions/kv-key-put.ts', "import { connect } from '@nats-io/transport-node';"],
  ['functions/kv-key-put.ts', "import { openNats } from '../runtime/nats/open.ts';"],
  ['functions/kv-key-put.ts', "import { readFile } from 'node:fs/promises';"],
  ['runtime/core/invoke.ts', "import { readFile } from 'node:fs/promises';"],
  ['runtime/core/invoke.ts', "import type { Config } from '../config/config.ts';"],
  ['runtime/server/app.ts', "import type { Nats } from '../nats/open.ts';"],
  ['runtime/server/app.ts', "const nats = await import('../nats/open.ts');"],
  ['runtime/server/app.ts', "import '../nats/open.ts';"],
  ['runtime/server/app.ts', "export * from '../nats/open.ts';"],
  ['runtime/server/app.ts', "import {\n  openNats,\n} from '../nats/open.ts';"],
  ['runtime/server/app.ts', "import { connect } from '@nats-io/transport-node';"],
  ['runtime/nats/open.ts', 'const nats = await import(name);'],
  ['runtime/transports/cli/cli.ts', "import { createRuntime } from '../../main.ts';"],
  ['runtime/transports/cli/main.ts', "import { openNats } from '../../nats/open.ts';"],
  ['runtime/transports/mcp/main.ts', "import { runCli } from '../cli/cli.ts';"],
  ['runtime/warehouses/mysql/load.ts', "import { x } from '../clickhouse/load.ts';"],
  ['runtime/warehouses/shared/loader.ts', "import pg from 'pg';"],
  ['runtime/main/recognition.ts', "const pg = await import('pg');"],
  ['dashboard/src/app.ts', "import { PackError } from '../../runtime/core/errors.ts';"],
  ['hosts/node-red/nodes/x.js', "const core = require('../../../runtime/core/errors.ts');"],
  ['contract/x.ts', "import { Buffer } from 'node:buffer';"],
];

test.each(BROKEN)('architecture - the check notices in %s: %s', (file, code) => {
  expect(faultsOf(file, code)).not.toEqual([]);
});

const FINE: [file: string, code: string][] = [
  ['functions/kv-key-put.ts', "import { defineFunction } from '../runtime/core/define-function.ts';"],
  ['runtime/server/app.ts', "import { PackError } from '../core/errors.ts';\nimport fastify from 'fastify';"],
  [
    'runtime/server/app.ts',
    "// import { openNats } from '../nats/open.ts';\n/* import('../nats/open.ts') */",
  ],
  ['runtime/main/serve.ts', "const { createServer } = await import('../server/server.ts');"],
  ['runtime/transports/cli/main.ts', "const host = await import('../../main/cli-host.ts');"],
  ['runtime/warehouses/redshift/amend.ts', "import { amend } from '../postgres/amend.ts';"],
];

test.each(FINE)('architecture - the check lets pass in %s: %s', (file, code) => {
  expect(faultsOf(file, code)).toEqual([]);
});

test('architecture - no file but those of contract/ spells the name of a bucket of ours', () => {
  const files = sourceFiles();
  expect(files.flatMap(file => copiedName(file, readFileSync(join(ROOT, file), 'utf8')) ?? [])).toEqual([]);
});

test.each([
  'runtime/main/check.ts',
  'hosts/n8n/nodes/shared/names.ts',
  'dashboard/src/app.tsx',
  'functions/x.ts',
])('architecture - the check notices a copied name of a bucket in %s', file => {
  for (const name of Object.keys(OWN_BUCKETS))
    expect(copiedName(file, `const B = '${name}';`)).toContain(name);
  expect(copiedName(file, "const B = 'recognition_lock'; // 'recognition_locks'")).toBeUndefined();
});

test('architecture - the default bucket of a schema is the one the code takes', () => {
  for (const name of ['identify', 'identify-undo']) {
    const schema = readFileSync(join(ROOT, `schemas/${name}.json`), 'utf8');
    expect(schema).toContain(`"default": "${EVENTS_BUCKET}"`);
  }
});

test('architecture - what belongs to a warehouse is found by its folder', () => {
  const owners = driverOwners().map(([packages, folder]) => [packages.source, folder]);
  expect(owners).toContainEqual(['^pg(\\/|$)', 'runtime/warehouses/postgres/']);
  expect(owners).toContainEqual(['^snowflake-sdk(\\/|$)', 'runtime/warehouses/snowflake/']);
  expect(new Set(owners.map(([name]) => name)).size).toBe(owners.length);
});

test('architecture - the generated types, the escapes of JSON pointers and the words of faults stand once', () => {
  const files = sourceFiles().filter(file => !file.startsWith('tests/'));
  const withText = (text: string) =>
    files.filter(file => readFileSync(join(ROOT, file), 'utf8').includes(text));
  expect(withText('export interface KvKeyPutOutput')).toEqual(['contract/types.gen.ts']);
  expect(withText("replaceAll('~', '~0')")).toEqual(['contract/pointer.ts']);
  expect(withText('is not a known property')).toEqual(['contract/fault-words.ts']);
});

/** What only the two doors do, invoke for calls and open for streams, and the files that may, or what goes round them. */
const DOORS: [what: RegExp, who: RegExp, why: string][] = [
  [
    /\bauthorize(Function|Bucket|Names|Subject|Destination|Namespace|Table)\b/,
    /^runtime\/core\//,
    'rights are checked in runtime/core alone',
  ],
  [
    /\b(admit|readmitting)\b[^;]*\/admit\.ts/,
    /^runtime\/core\/(invoke|open)\.ts$/,
    'there is no third admission',
  ],
  [
    /\bauthorizeCall\b/,
    // Before a body is read, or an answer that was kept is given again.
    /^runtime\/(core\/(admit|open)|server\/routes\/(batch|bulk|invocation|keys))\.ts$/,
    'what is not called is opened: by open',
  ],
  [
    /\bscopedKv\(/,
    /^runtime\/core\/(scoped-kv|scoped-ports|invoke|open)\.ts$/,
    'the doors make the store for who calls',
  ],
  [
    /\bkv\.(watch|backup|restore)\(/,
    // A call that waits for changes; the store itself; what kvflow does of its own accord.
    /^(functions\/kv-key-watch|runtime\/core\/(scoped-kv|open)|runtime\/main\/(scheduler|snapshots\/(doctor|take)))\.ts$/,
    'what streams for a caller passes through open',
  ],
  [/\.definition\.run\(/, /^runtime\/core\/invoke\.ts$/, 'a function is called through invoke'],
];

function roundTheDoors(file: string, text: string): string[] {
  const code = withoutComments(text);
  return DOORS.flatMap(([what, who, why]) => (what.test(code) && !who.test(file) ? [`${file}: ${why}`] : []));
}

test('architecture - whatever is done for a caller passes through invoke or open: there is no second admission', () => {
  const files = sourceFiles().filter(file => /^(functions|runtime)\//.test(file));
  expect(files.flatMap(file => roundTheDoors(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test.each([
  ['runtime/server/routes/watch.ts', "import { admit } from '../../core/admit.ts';"],
  ['runtime/transports/mcp/updates.ts', "import {\n  readmitting,\n} from '../../core/admit.ts';"],
  ['runtime/server/routes/backup.ts', 'authorizeCall(registry.get(name), { bucket }, request.principal);'],
  ['runtime/server/routes/backup.ts', 'const taken = await scopedKv(kv, principal).backup(call, bucket);'],
  ['runtime/main/local-backups.ts', 'await using taken = await kv.backup(call, bucket);'],
  ['runtime/transports/mcp/tools.ts', 'authorizeFunction(principal, spec);'],
  ['runtime/nats/service/service.ts', 'await fn.definition.run(input, ctx);'],
])('architecture - the check notices what goes round the doors in %s: %s', (file, code) => {
  expect(roundTheDoors(file, code)).toHaveLength(1);
});

/** Relative imports of every file, whatever they leave out of a file's name. */
function graphOf(files: readonly string[], read: (file: string) => string): Map<string, string[]> {
  const known = new Set(files);
  const named = (target: string) =>
    [target, `${target}.ts`, `${target}.tsx`, target.replace(/\.js$/, '.ts')].find(name => known.has(name));
  return new Map(
    files.map(file => [
      file,
      importsOf(file, read(file)).flatMap(({ relative, target }) => (relative && named(target)) || []),
    ]),
  );
}

test('architecture - no file imports itself over others, not even a type', () => {
  const graph = graphOf(sourceFiles(), file => readFileSync(join(ROOT, file), 'utf8'));
  expect(circlesOf(graph)).toEqual([]);
});

test('architecture - the check notices a circle of three files', () => {
  const code: Record<string, string> = {
    'runtime/nats/a.ts': "import { b } from './b.ts';",
    'runtime/nats/b.ts': "import type { C } from './c.js';",
    'runtime/nats/c.ts': "const a = await import('./a.ts');",
    'runtime/nats/d.ts': "import { a } from './a.ts';",
  };
  const graph = graphOf(Object.keys(code), file => code[file] ?? '');
  expect(circlesOf(graph)).toEqual([['runtime/nats/a.ts', 'runtime/nats/b.ts', 'runtime/nats/c.ts']]);
});

test('architecture - the drawing in AGENTS.md is as the files have it (npm run generate draws it anew)', () => {
  expect(readFileSync(join(ROOT, 'AGENTS.md'), 'utf8')).toContain(roomsDrawing(ROOT));
});

test('architecture - codes of errors are declared once, and buckets of ours are made by ownedBucket alone', () => {
  const files = sourceFiles().filter(file =>
    /^(contract|runtime|functions|hosts|dashboard\/src)\//.test(file),
  );
  const withText = (text: RegExp) =>
    files.filter(file => text.test(withoutComments(readFileSync(join(ROOT, file), 'utf8'))));
  // A code with its status: the table.
  expect(
    withText(/\b(KEY_NOT_FOUND|REVISION_CONFLICT|RATE_LIMITED)\b['"]?\s*:\s*(\{\s*status|\d{3})/),
  ).toEqual(['contract/errors.ts']);
  const makers = withText(/\bcreateBucket\(/).filter(file => !/^(runtime\/nats\/kv|hosts)\//.test(file));
  expect(makers).toEqual([
    // What a caller asks for, checked on its way; the bucket that a check makes and deletes; ours.
    'functions/kv-bucket-create.ts',
    'runtime/core/ports/kv-store.ts',
    'runtime/core/scoped-kv.ts',
    'runtime/core/state/owned-bucket.ts',
    'runtime/main/check.ts',
  ]);
});

test('architecture - what store.ts puts together has a folder for headers, reads, writes, listings, transactions and backups', () => {
  const folders = sourceFiles().flatMap(file => /^runtime\/nats\/kv\/(\w+)\//.exec(file)?.[1] ?? []);
  expect([...new Set(folders)].sort()).toEqual([
    'backup',
    'bucket',
    'headers',
    'list',
    'read',
    'transact',
    'write',
  ]);
});

test('dashboard - a module of Node that the page imports fails its build, a package for browsers does not', () => {
  const resolve = (source: string, importer: string) =>
    Reflect.apply(noNode().resolveId as (source: string, importer: string) => unknown, {}, [
      source,
      importer,
    ]);
  for (const source of ['node:fs', 'fs', 'buffer', 'path/posix'])
    expect(() => resolve(source, '/x/dashboard/src/app.tsx')).toThrow(
      `imports ${source}: the page runs in a`,
    );
  expect(() => resolve('node:fs', '/x/node_modules/p/index.js')).toThrow('imports node:fs');
  expect(resolve('buffer', '/x/node_modules/p/index.js')).toBeUndefined();
  expect(resolve('./app.ts', '/x/dashboard/src/main.tsx')).toBeUndefined();
});

/**
 * What `npm run test:openapi` runs: the linters of OpenAPI and AsyncAPI over our documents, and a client that openapi-typescript
 * makes of ours: its types compile for every function's examples, and it calls each on a kvflow. The tools are large, so
 * they are installed into the system's temporary folder and not with the repository.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Manifest } from '../runtime/core/manifest.ts';
import type { Registry } from '../runtime/core/registry.ts';
import { asyncApiDocument } from '../runtime/server/openapi/async-api.ts';
import { openApiDocument } from '../runtime/server/openapi/document.ts';
import { exampleCalls } from '../tests/support/example-calls.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(tmpdir(), 'kvflow-openapi');
const TOOLS = [
  '@stoplight/spectral-cli@^6.16.3',
  '@redocly/cli@^2.77.0',
  'openapi-typescript@^7.13.0',
  'openapi-fetch@^0.17.0',
  'typescript@^5.9.0',
];
/** Makes calls that no client could type: each is made in the tests of its own. */
const NOT_CALLED = new Set(['identify', 'transform']);

const manifest = JSON.parse(await readFile(join(ROOT, 'manifest.json'), 'utf8')) as Manifest;
await mkdir(FOLDER, { recursive: true });
await writeFile(join(FOLDER, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save', ...TOOLS]);
await writeDocuments();
await run('spectral', [
  'lint',
  '-r',
  'spectral.yaml',
  '--fail-severity',
  'error',
  'openapi.json',
  'asyncapi.json',
]);
await run('redocly', ['lint', 'openapi.json', '--format', 'summary']);
await run('openapi-typescript', ['openapi.json', '-o', 'api.ts']);
await writeFile(join(FOLDER, 'calls.ts'), client());
const strict = ['--strict', '--skipLibCheck', '--target', 'esnext', '--module', 'nodenext'];
await run('tsc', [...strict, '--allowImportingTsExtensions', '--noEmit', 'calls.ts']);
await callAll();

async function writeDocuments(): Promise<void> {
  const { version, functions } = manifest;
  const spec = (name: string) => functions.find(fn => fn.name === name);
  const registry = { version, get: (name: string) => ({ spec: spec(name) }) } as unknown as Registry;
  await writeFile(join(FOLDER, 'openapi.json'), JSON.stringify(openApiDocument(version, functions), null, 1));
  await writeFile(join(FOLDER, 'asyncapi.json'), JSON.stringify(asyncApiDocument(registry), null, 1));
  await writeFile(join(FOLDER, 'spectral.yaml'), 'extends: ["spectral:oas", "spectral:asyncapi"]\n');
}

/** A program that makes the calls of each function's first example that works, and answers the statuses. */
function client(): string {
  const calls = manifest.functions.flatMap(fn => {
    const example = fn.examples.find(({ error }) => !error);
    if (!example || NOT_CALLED.has(fn.name)) return [];
    return exampleCalls(fn.name, example, fn.name).map(([called, input]) => {
      const path = JSON.stringify(`/functions/${called}/invocations`);
      return `  [${JSON.stringify(fn.name)}, () => api.POST(${path}, { body: ${JSON.stringify(input)} })],`;
    });
  });
  return [
    "import createClient from 'openapi-fetch';",
    "import type { paths } from './api.ts';",
    'export async function callAll(baseUrl: string): Promise<[string, number][]> {',
    '  const api = createClient<paths>({ baseUrl });',
    '  const calls: [string, () => Promise<{ response: Response }>][] = [',
    ...calls,
    '  ];',
    '  const answers: [string, number][] = [];',
    '  for (const [name, call] of calls) answers.push([name, (await call()).response.status]);',
    '  return answers;',
    '}',
    '',
  ].join('\n');
}

async function callAll(): Promise<void> {
  const { startKvflow } = await import('../tests/support/kvflow.ts');
  const { serve } = await import('../tests/support/served.ts');
  await using kvflow = await startKvflow({ validateOutput: false });
  await using served = await serve(kvflow);
  const { callAll: call } = (await import(pathToFileURL(join(FOLDER, 'calls.ts')).href)) as {
    callAll(url: string): Promise<[string, number][]>;
  };
  const answers = await call(served.url);
  const failed = answers.filter(([, status]) => status !== 200);
  console.log(`${answers.length} calls of ${new Set(answers.map(([name]) => name)).size} functions.`);
  if (failed.length > 0) throw new Error(`Failed: ${JSON.stringify(failed)}`);
}

async function run(program: string, args: string[]): Promise<void> {
  const path = [join(FOLDER, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const child = spawn(program, args, { cwd: FOLDER, stdio: 'inherit', env: { ...process.env, PATH: path } });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0) return;
  console.error(`${program} failed.`);
  process.exit(1);
}

/** The Helm chart: its templates, its values and their schema agree; where helm is installed it renders them. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { allSettings } from '../../runtime/config/settings.ts';

type Schema = { properties?: Record<string, Schema>; additionalProperties?: unknown };
type Manifest = { kind: string; metadata: { name: string }; spec: Record<string, never> };

const CHART = join(import.meta.dirname, '../../deploy/helm/kvflow');
const read = (file: string) => readFileSync(join(CHART, file), 'utf8');
const schema = JSON.parse(read('values.schema.json')) as Schema;
const values = parse(read('values.yaml')) as Record<string, unknown>;
const templates = readdirSync(join(CHART, 'templates')).map(file => read(join('templates', file)));
const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
const NEEDED = ['--set', 'nats.url=nats://nats:4222', '--set', 'apiKeysSecret=keys'];
const HELM = (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, 'helm')));

/** Paths of what may be set: those of objects that take anything end there. */
function paths(of: Schema, prefix = ''): string[] {
  return Object.entries(of.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties ? paths(inner, `${prefix}${name}.`) : [prefix + name],
  );
}

function leaves(value: unknown, known: Set<string>, path = ''): string[] {
  if (known.has(path) || typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, known, path ? `${path}.${name}` : name),
  );
}

test('chart - what templates use, what values.yaml says and what the schema knows are the same', () => {
  const known = paths(schema).filter(path => path !== 'global');
  const used = templates.flatMap(text =>
    [...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path = '']) => path),
  );
  expect([...new Set(used)].sort()).toEqual([...known].sort());
  expect(leaves(values, new Set(known)).sort()).toEqual([...known].sort());
});

test('chart - the schema takes values.yaml, and neither a misspelt value, a password in a URL nor no replica', () => {
  expect([validate(values), validate.errors]).toEqual([true, null]);
  for (const wrong of [
    { replica: 3 },
    { nats: { url: 'nats://user:password@nats:4222' } },
    { replicas: 0 },
    { image: { repository: 'kvflow', tags: 'x' } },
    { service: { type: 'Cluster', port: 1 } },
    { secrets: [''] },
  ])
    expect([wrong, validate({ ...values, ...wrong })]).toEqual([wrong, false]);
});

test('chart - variables in it are settings, and it is of the version of the package', () => {
  const named = templates.flatMap(text => text.match(/\b(?:KVFLOW|NATS|TRANSFORM)_[A-Z_]+\b/g) ?? []);
  const variables = new Set(['KVFLOW_CONFIG', ...allSettings().map(({ env }) => env)]);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(name => !variables.has(name))).toEqual([]);
  expect(parse(read('Chart.yaml'))).toMatchObject({ appVersion: packageJson.version });
});

test('chart - no Service of the namespace sets variables of kvflow, such as KVFLOW_PORT', () => {
  expect(read('templates/statefulset.yaml')).toContain('enableServiceLinks: false');
});

test('chart - every block of a template that begins ends', () => {
  for (const text of templates) {
    const words = [...text.matchAll(/\{\{-? *(if|with|range|define|end)\b/g)].map(([, word]) => word);
    expect(words.filter(word => word === 'end')).toHaveLength(words.length / 2);
  }
});

const withHelm = HELM ? test : test.skip;

withHelm('chart - helm (skipped without it) renders all of it, and refuses what is missing', async () => {
  const render = async (...args: string[]): Promise<Manifest[]> => {
    const { stdout } = await promisify(execFile)('helm', ['template', 'mine', CHART, ...args]);
    return parseAllDocuments(stdout).map(document => document.toJS() as Manifest);
  };
  const plain = await render(...NEEDED);
  expect(plain.map(({ kind }) => kind).sort()).toEqual([
    'PodDisruptionBudget',
    'Service',
    'Service',
    'StatefulSet',
  ]);
  const all = await render(
    ...NEEDED,
    ...['--set', 'autoscaling.enabled=true,serviceMonitor.enabled=true,serviceMonitor.keySecret=keys'],
    ...[
      '--set-json',
      'config={"transform":{"ttl_sec":60}}',
      '--set',
      'env.KVFLOW_LOG_LEVEL=debug,secrets={more}',
    ],
    ...['--set', 'nats.secret=nats,persistence.enabled=false,nodeSelector.disk=fast,podAnnotations.a=b'],
  );
  expect(all.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['ConfigMap', 'HorizontalPodAutoscaler', 'ServiceMonitor']),
  );
  const stateful = JSON.stringify(all.find(({ kind }) => kind === 'StatefulSet'));
  for (const part of ['"readOnlyRootFilesystem":true', '"path":"/readyz"', '"name":"more"', '"emptyDir":{}'])
    expect(stateful).toContain(part);
  await expect(render()).rejects.toThrow('nats.url: set it');
  await expect(render(...NEEDED, '--set', 'replica=3')).rejects.toThrow('replica');
});

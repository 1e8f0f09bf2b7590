// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what the config file itself says.
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { configFolder } from './config-folder.ts';

const DOCUMENTED = `
transform:
  nats: { url: nats://127.0.0.1:4222 }
  ttl_sec: 5184000
users_recognition:
  enabled: true
  anonymous_id_node: /user/anonymous_id
  identification_nodes: [ /user/id, /user/email ]
destinations:
  warehouse: { type: postgres, url: "\${DATABASE_URL}", schema: public, table: events, primary_key_fields: [ event_id ] }
`;

test('config - reads the file of the documentation', async () => {
  await using folder = await configFolder({ 'kvflow.yaml': DOCUMENTED });
  const config = await folder.read({ DATABASE_URL: 'postgres://u:p@db/x' });
  expect(config.file).toBe(join(folder.path, 'kvflow.yaml'));
  expect(config.transform).toEqual({
    nats: { servers: ['nats://127.0.0.1:4222'] },
    bucket: 'transform_kv',
    ttlSec: 5_184_000,
    timeZone: 'Etc/UTC',
    requireLayers: 'best',
    engine: 'vm2',
    failingTests: 'refuse',
    secretsKey: undefined,
    fetch: { hosts: [], maxBytes: 1_048_576, timeoutMs: 5_000, perCall: 1_000 },
    geoFile: undefined,
    limits: { cpuMsPerCall: 60_000, kvPerCall: 100_000, cpuMsPerMinute: 0, kvPerMinute: 0 },
  });
  expect(config.destinations).toEqual({
    warehouse: {
      type: 'postgres',
      url: 'postgres://u:p@db/x',
      schema: 'public',
      table: 'events',
      primaryKeyFields: ['event_id'],
    },
  });
});

test('config - a destination may limit its connections, and the embedded warehouse needs no url', async () => {
  const yaml = 'destinations: { a: { type: mysql, url: x, pool_size: 3 }, embedded: { type: pglite } }';
  await using folder = await configFolder({ 'kvflow.yaml': yaml });
  expect((await folder.read()).destinations).toEqual({
    a: { type: 'mysql', url: 'x', poolSize: 3 },
    embedded: { type: 'pglite' },
  });
});

test('config - KVFLOW_CONFIG names the file, whose relative paths start from its own folder', async () => {
  await using elsewhere = await configFolder({ 'my.yaml': 'data_dir: data' });
  await using folder = await configFolder({ 'kvflow.yaml': 'data_dir: other' });
  const config = await folder.read({ KVFLOW_CONFIG: join(elsewhere.path, 'my.yaml') });
  expect(config.dataDir).toBe(join(elsewhere.path, 'data'));
});

test('config - a file that was asked for must be there, and hold keys', async () => {
  await using folder = await configFolder({ 'list.yaml': '- a', 'empty.yaml': '# nothing yet\n' });
  expect(await folder.faults({ KVFLOW_CONFIG: 'gone.yaml' })).toEqual([
    `KVFLOW_CONFIG: there is no file ${join(folder.path, 'gone.yaml')}`,
  ]);
  expect(await folder.faults({ KVFLOW_CONFIG: 'list.yaml' })).toEqual([
    expect.stringContaining('must hold keys and values'),
  ]);
  expect((await folder.read({ KVFLOW_CONFIG: 'empty.yaml' })).logLevel).toBe('info');
});

test('config - unknown keys are refused with the known ones, at every depth', async () => {
  const yaml =
    'transform: { ttl: 5, nats: { uri: x } }\nusers_recognition: yes\ndestinations: { d: { type: mysql, url: x, tabel: x } }';
  await using folder = await configFolder({ 'kvflow.yaml': yaml });
  const faults = await folder.faults();
  expect(faults[0]).toBe(
    'kvflow.yaml: transform.ttl is not a known key; known here are: bucket, ttl_sec, time_zone, require_layers, engine, failing_tests, secrets_key, fetch, geo_file, limits, nats',
  );
  expect(faults[1]).toContain(
    'kvflow.yaml: transform.nats.uri is not a known key; known here are: url, user',
  );
  expect(faults[2]).toBe('kvflow.yaml: users_recognition must hold keys and values');
  expect(faults[3]).toContain('kvflow.yaml: destinations.d.tabel is not a known key; known are: type, url');
  expect(faults).toHaveLength(4);
});

const BAD: [yaml: string, fault: string][] = [
  ['server: { port: 70000 }', 'server.port is 70000: must be a whole number from 0 to 65535'],
  ['users_recognition: { enabled: 3 }', 'users_recognition.enabled is 3: must be true or false'],
  ['users_recognition: { anonymous_id_node: user.id }', 'must be a path into the event such as /user/email'],
  ['users_recognition: { identification_nodes: [] }', 'must be a list of at least one entry'],
  ['users_recognition: { identification_nodes: [ /a, b ] }', 'must be a path into the event'],
  ['destinations: [ a ]', 'must hold destinations by name'],
  ['destinations: { a: { type: oracle } }', 'destinations.a.type must be one of: clickhouse, mysql'],
  ['destinations: { a: { url: x } }', 'destinations.a needs a type'],
  ['destinations: { "a b": { type: mysql, url: x } }', 'must have a name of letters, digits, - and _'],
  ['destinations: { a: { type: mysql } }', 'destinations.a needs a url'],
  [
    'destinations: { a: { type: pglite, pool_size: 0 } }',
    'destinations.a.pool_size must be a whole number from 1 to 1000',
  ],
  [
    'destinations: { a: { type: mysql, url: x, primary_key_fields: [ 3, "" ] } }',
    'primary_key_fields must be text that is not empty',
  ],
];

test.each(BAD)('config - refuses the file %s', async (yaml, fault) => {
  await using folder = await configFolder({ 'kvflow.yaml': yaml });
  expect(await folder.faults()).toEqual([expect.stringContaining(fault)]);
});

test('config - variables stand for themselves or their default, and never change the structure', async () => {
  const yaml = [
    'server: { port: "${PORT}", host: "${HOST:-::1}" }',
    'data_dir: "/${A}-${B:-b:-c}/$${A}/$A"',
    'destinations: { w: { type: mysql, url: "${URL}" } }',
  ].join('\n');
  await using folder = await configFolder({ 'kvflow.yaml': yaml });
  const config = await folder.read({ PORT: '81', A: 'a', URL: 'x", type: postgres }' });
  expect(config.http).toMatchObject({ port: 81, host: '::1' });
  expect(config.dataDir).toBe('/a-b:-c/${A}/$A');
  expect(config.destinations.w).toEqual({ type: 'mysql', url: 'x", type: postgres }' });
});

test('config - a variable that is not set is refused once, with the key and the way out', async () => {
  await using folder = await configFolder({
    'kvflow.yaml':
      'server: { port: "${PORT}", host: "${no way}" }\ndestinations: { crm: { type: postgres, url: "${URL}", primary_key_fields: [ "${KEY}", id ] } }',
  });
  expect(await folder.faults({ PORT: '' })).toEqual([
    'server.port: ${PORT} is not set; set it, or give a default: ${PORT:-default}',
    'server.host: ${...} must hold the name of a variable, as in ${NAME} or ${NAME:-default}; write $${ for the text itself',
    'destinations.crm.url: ${URL} is not set; set it, or give a default: ${URL:-default}',
    'destinations.crm.primary_key_fields[0]: ${KEY} is not set; set it, or give a default: ${KEY:-default}',
  ]);
});

const SECRETS = [
  'KVFLOW_API_KEYS',
  'NATS_URL',
  'NATS_USER',
  'NATS_PASSWORD',
  'NATS_TOKEN',
  'TRANSFORM_NATS_URL',
  'USER_RECOGNITION_NATS_URL',
];

test.each(SECRETS)('config - %s may be in the file that %s_FILE names', async variable => {
  const value = variable.endsWith('URL') ? 'nats://host-of-secret' : 'secret-of-the-file';
  await using folder = await configFolder({ secret: `${value}\n` });
  const env = variable === 'NATS_PASSWORD' ? { NATS_USER: 'u' } : {};
  const base = variable.endsWith('URL') ? {} : { NATS_URL: 'nats://h' };
  const config = await folder.read({ ...base, ...env, [`${variable}_FILE`]: 'secret' });
  expect(JSON.stringify(config)).toContain(value);
});

test('config - a secret that is given twice, whose file is not there, or that is no UTF-8, is refused', async () => {
  await using folder = await configFolder({ secret: 'x'.repeat(20) });
  expect(await folder.faults({ NATS_TOKEN: 'a', NATS_TOKEN_FILE: 'secret' })).toEqual([
    'NATS_TOKEN and NATS_TOKEN_FILE are both set; keep one of them',
  ]);
  expect(await folder.faults({ KVFLOW_API_KEYS_FILE: 'gone' })).toEqual([
    expect.stringContaining('KVFLOW_API_KEYS_FILE cannot be read'),
  ]);
  await folder.write('secret', Buffer.from('gr\xfcn', 'latin1'));
  expect(await folder.faults({ NATS_URL: 'h', NATS_TOKEN_FILE: 'secret' })).toEqual([
    'NATS_TOKEN_FILE is not UTF-8 text',
  ]);
  await folder.write('kvflow.yaml', Buffer.from('nats: { url: h, token: gr\xfcn }', 'latin1'));
  expect(await folder.faults({})).toEqual([expect.stringContaining('kvflow.yaml is not UTF-8 text')]);
});

test('config - a reference of the file is also looked for in the _FILE variant', async () => {
  await using folder = await configFolder({ 'kvflow.yaml': DOCUMENTED, 'db-url': 'postgres://from-file\n' });
  const config = await folder.read({ DATABASE_URL_FILE: 'db-url' });
  expect(config.destinations.warehouse?.url).toBe('postgres://from-file');
});

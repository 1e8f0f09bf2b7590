import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  NO_IDENTITY_VALUES,
  TIMESTAMP_NODE,
  USER_AGENT_NODE,
} from '../../../contract/recognition-defaults.ts';
import { configFolder } from './config-folder.ts';

const SECRET = 'hunter2-hunter2-hunter2';

test('config - what nobody says has its default', async () => {
  await using folder = await configFolder();
  expect(await folder.read()).toEqual({
    file: undefined,
    dataDir: join(folder.path, '.kvflow'),
    logLevel: 'info',
    workers: 1,
    http: { host: '127.0.0.1', port: 4280, apiKeys: [], corsOrigins: [] },
    nats: undefined,
    embedded: { serverBin: undefined, sync: 'always' },
    backups: { everyHours: undefined, keep: 7, maxBytes: 10_737_418_240, minFreeBytes: 2_147_483_648 },
    natsService: true,
    flows: 'on',
    flowsMemoryMb: undefined,
    fileVariables: [],
    copy: { hosts: [], private: false },
    transform: {
      nats: undefined,
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
    },
    usersRecognition: {
      enabled: true,
      nats: undefined,
      ttlMinutes: 10_080,
      anonymousIdNode: '/user/anonymous_id',
      identificationNodes: ['/user/id', '/user/email'],
      noIdentityValues: NO_IDENTITY_VALUES,
      userAgentNode: USER_AGENT_NODE,
      timestampNode: TIMESTAMP_NODE,
      reconcileAfterSec: 10,
    },
    destinations: {},
    warnings: [],
  });
});

test('config - reads every variable', async () => {
  await using folder = await configFolder({ creds: 'c', ca: 'x', cert: 'x', key: 'x' });
  const config = await folder.read({
    KVFLOW_HOST: '0.0.0.0',
    KVFLOW_PORT: '0',
    KVFLOW_DATA_DIR: 'data',
    KVFLOW_API_KEYS: `${SECRET}, ${SECRET}-2`,
    KVFLOW_LOG_LEVEL: 'DEBUG',
    KVFLOW_SYNC: '500ms',
    KVFLOW_NATS_SERVICE: 'false',
    NATS_SERVER_BIN: '/opt/nats-server',
    NATS_URL: 'a.example, nats://b.example:4333',
    NATS_CREDS_FILE: 'creds',
    NATS_TLS_CA: 'ca',
    NATS_TLS_CERT: 'cert',
    NATS_TLS_KEY: 'key',
    NATS_JS_DOMAIN: 'hub',
    TRANSFORM_NATS_URL: 'nats://state.example',
    TRANSFORM_KV_BUCKET: 'state',
    TRANSFORM_KV_TTL_SEC: '60',
    USER_RECOGNITION_ENABLED: 'false',
    USER_RECOGNITION_NATS_URL: 'nats://users.example',
    USER_RECOGNITION_TTL_MINUTES: '5',
  });
  const at = (name: string): string => join(folder.path, name);
  expect(config).toMatchObject({
    dataDir: at('data'),
    logLevel: 'debug',
    http: { host: '0.0.0.0', port: 0, apiKeys: [SECRET, `${SECRET}-2`] },
    embedded: { serverBin: '/opt/nats-server', sync: '500ms' },
    natsService: false,
    flows: 'on',
    nats: {
      servers: ['nats://a.example:4222', 'nats://b.example:4333'],
      credsFile: at('creds'),
      tls: { caFile: at('ca'), certFile: at('cert'), keyFile: at('key') },
      domain: 'hub',
    },
    transform: { nats: { servers: ['nats://state.example:4222'] }, bucket: 'state', ttlSec: 60 },
    usersRecognition: { enabled: false, nats: { servers: ['nats://users.example:4222'] }, ttlMinutes: 5 },
    warnings: [],
  });
});

const BAD: [variable: string, value: string, allowed: string][] = [
  ['KVFLOW_PORT', '65536', 'a whole number from 0 to 65535'],
  ['KVFLOW_PORT', '80.5', 'a whole number from 0 to 65535'],
  ['KVFLOW_PORT', 'http', 'a whole number from 0 to 65535'],
  ['KVFLOW_LOG_LEVEL', 'loud', 'one of: silent, fatal, error, warn, info, debug, trace'],
  ['KVFLOW_SYNC', 'never', '"always"'],
  ['KVFLOW_SYNC', '0s', '"always"'],
  ['NATS_JS_DOMAIN', 'a.b', 'one word'],
  ['NATS_CREDS_FILE', 'nowhere.creds', 'is not there'],
  ['NATS_TLS_CA', 'nowhere.pem', 'is not there'],
  ['TRANSFORM_KV_BUCKET', 'a b', 'the name of a bucket'],
  ['TRANSFORM_KV_TTL_SEC', '0', 'a whole number of seconds'],
  ['USER_RECOGNITION_ENABLED', 'perhaps', 'true or false'],
  ['USER_RECOGNITION_TTL_MINUTES', '-1', 'a whole number of minutes'],
];

test.each(BAD)('config - refuses %s=%s and says what is allowed', async (variable, value, allowed) => {
  await using folder = await configFolder();
  const [fault = '', ...more] = await folder.faults({ [variable]: value });
  expect(fault).toContain(`${variable} is ${JSON.stringify(value)}: must be`);
  expect(fault).toContain(allowed);
  expect(more).toEqual([]);
});

test('config - tells everything that is wrong at once', async () => {
  await using folder = await configFolder({
    'kvflow.yaml': 'server: { port: x }\ntransfrom: {}\ndestinations: { a: {} }',
  });
  const faults = await folder.faults({ KVFLOW_SYNC: 'no', KVFLOW_LOG_LEVEL: 'no' });
  expect(faults).toHaveLength(5);
  expect(faults.join('\n')).toContain(
    'kvflow.yaml: transfrom is not a known key; known here are: server, data_dir',
  );
});

test('config - a message never shows a secret', async () => {
  const yaml = `nats: { password: [ ${SECRET} ] }\ndestinations: { a: { type: x, url: [ ${SECRET} ] } }\n`;
  await using folder = await configFolder({ 'kvflow.yaml': yaml });
  const faults = await folder.faults({
    KVFLOW_API_KEYS: 'short-secret',
    NATS_URL: `ws://user:${SECRET}@host`,
  });
  expect(faults).toHaveLength(5);
  expect(faults.join('\n')).not.toMatch(/hunter2|short-secret/);
});

test('config - YAML that cannot be read is placed by line, and not quoted', async () => {
  await using folder = await configFolder({ 'kvflow.yaml': `data_dir: x\nnats: { password: "${SECRET} }\n` });
  const faults = await folder.faults();
  expect(faults.join('\n')).toMatch(/kvflow\.yaml is no valid YAML at line \d+, column \d+/);
  expect(faults.join('\n')).not.toContain('hunter2');
});

test('config - a flag wins over the environment, which wins over the file', async () => {
  await using folder = await configFolder({
    'kvflow.yaml': 'server: { host: ::1, port: 1 }\nlog_level: warn',
  });
  const config = await folder.read({ KVFLOW_PORT: '2', KVFLOW_LOG_LEVEL: 'error' }, { KVFLOW_PORT: '3' });
  expect(config.http).toMatchObject({ host: '::1', port: 3 });
  expect(config.logLevel).toBe('error');
});

test('config - a wrong flag is named as the flag', async () => {
  await using folder = await configFolder();
  expect(await folder.faults({}, { KVFLOW_PORT: 'x' })).toEqual([
    '--port is "x": must be a whole number from 0 to 65535',
  ]);
});

test('config - an empty variable counts as not set', async () => {
  await using folder = await configFolder();
  expect((await folder.read({ KVFLOW_PORT: '', NATS_URL: '', KVFLOW_API_KEYS: '' })).http.port).toBe(4280);
});

test('config - the port that Kubernetes sets for a service called kvflow is not ours', async () => {
  await using folder = await configFolder();
  expect((await folder.read({ KVFLOW_PORT: 'tcp://10.0.0.7:4280' })).http.port).toBe(4280);
});

test('config - warns of a variable whose name is almost a known one', async () => {
  await using folder = await configFolder();
  const { warnings } = await folder.read({
    KVFLOW_API_KEY: SECRET,
    KVFLOW_PROT: '1',
    KVFLOW_KEY: 'x',
    NATS_CREDS: 'x',
  });
  expect(warnings).toEqual([
    'KVFLOW_API_KEY is not a variable of kvflow; was KVFLOW_API_KEYS meant?',
    'KVFLOW_PROT is not a variable of kvflow; was KVFLOW_PORT meant?',
  ]);
});

test('config - workers are so many, or with auto one for each core', async () => {
  await using folder = await configFolder();
  const workers = async (KVFLOW_WORKERS: string) => (await folder.read({ KVFLOW_WORKERS })).workers;
  expect(await workers('auto')).toBe(Math.min(64, availableParallelism()));
  expect(await workers('3')).toBe(3);
  for (const wrong of ['0', '65', 'all', '1.5'])
    await expect(workers(wrong)).rejects.toThrow(/KVFLOW_WORKERS.*auto, or a whole number from 1 to 64/s);
});

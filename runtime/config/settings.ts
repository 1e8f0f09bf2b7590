import { availableParallelism } from 'node:os';
import { FLOWS_MODES, LOG_LEVELS } from './config.ts';
import { NATS_SETTINGS } from './nats-settings.ts';
import { boolean, copyHost, countOrAuto, integer, listOf, matching, oneOf, path, text } from './parsers.ts';
import { RECOGNITION_SETTINGS } from './recognition-settings.ts';
import type { Setting } from './setting.ts';
import { optional, setting } from './setting.ts';
import { TRANSFORM_SETTINGS } from './transform-settings.ts';

const apiKey = matching(
  /^[\x21-\x2b\x2d-\x7e]{16,}$/,
  'keys of at least 16 printable characters without spaces, separated by commas; "openssl rand -hex 32" makes a good one',
);
const origin = matching(
  /^(\*|https?:\/\/[^\s/,*]+)$/,
  'origins of pages such as https://app.example, without a path, separated by commas, or * for all',
);
const sync = matching(
  /^(always|(?=.*[1-9])(\d+(\.\d+)?(ms|s|m|h))+)$/,
  '"always" (what is acknowledged is on disk) or the time between two syncs, such as 1s, 500ms or 2m',
);

/** Every setting but the destinations, which have names of their own. */
export const SETTINGS = {
  host: setting({
    key: 'server.host',
    env: 'KVFLOW_HOST',
    parse: text,
    fallback: '127.0.0.1',
    about: 'address to listen on; other than loopback only with API keys. Flag `--host`',
  }),
  port: setting({
    key: 'server.port',
    env: 'KVFLOW_PORT',
    parse: integer(0, 65_535),
    fallback: 4280,
    about: '0 picks a free port, which `kvflow start` prints. Flag `--port`',
  }),
  workers: setting({
    key: 'server.workers',
    env: 'KVFLOW_WORKERS',
    parse: countOrAuto(1, 64, availableParallelism()),
    fallback: 1,
    about:
      'processes that answer calls behind the one port, see [scaling](scaling.md); `auto`: one for each core. Flag `--workers`',
  }),
  apiKeys: setting<string[]>({
    key: 'server.api_keys',
    env: 'KVFLOW_API_KEYS',
    secret: true,
    parse: listOf(apiKey),
    fallback: [],
    about:
      'full-access keys of at least 16 characters, separated by commas: for containers. [`kvflow keys`](cli.md#keys) makes finer ones',
    shows: '',
  }),
  corsOrigins: setting<string[]>({
    key: 'server.cors_origins',
    env: 'KVFLOW_CORS_ORIGINS',
    parse: listOf(origin),
    about:
      'origins of web pages that may call with any key (CORS), such as https://app.example, separated by commas; `*` for all. A key may have origins of its own: [`kvflow keys add --origins`](cli.md#keys)',
    fallback: [],
  }),
  dataDir: setting({
    key: 'data_dir',
    env: 'KVFLOW_DATA_DIR',
    parse: path,
    fallback: '.kvflow',
    about: 'data of the embedded NATS, API keys. One kvflow at a time. Flag `--data-dir`',
  }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    key: 'log_level',
    env: 'KVFLOW_LOG_LEVEL',
    parse: oneOf(LOG_LEVELS),
    fallback: 'info',
    about: '`silent`, `fatal`, `error`, `warn`, `info`, `debug` or `trace`. Flag `--log-level`',
  }),
  serverBin: optional({
    key: 'embedded.server_bin',
    env: 'NATS_SERVER_BIN',
    parse: path,
    about: 'path of the nats-server to run: 2.11 or newer; identify and $kv of scripts need 2.12',
    shows: 'looked for',
  }),
  natsService: setting({
    key: 'nats_service',
    env: 'KVFLOW_NATS_SERVICE',
    parse: boolean,
    fallback: true,
    about:
      'whether `kvflow start` serves every function on `kvflow.fn.<name>` as a [NATS micro-service](hosts/nats-service.md)',
  }),
  flows: setting<(typeof FLOWS_MODES)[number]>({
    key: 'flows',
    env: 'KVFLOW_FLOWS',
    parse: oneOf(FLOWS_MODES),
    fallback: 'on',
    about: '`safe`: the flow editor starts and no flow runs, to mend one that does harm; `off`: neither',
  }),
  flowsMemoryMb: optional({
    key: 'flows_memory_mb',
    env: 'KVFLOW_FLOWS_MEMORY_MB',
    parse: integer(64, 1_048_576, 'MiB'),
    about:
      'most MiB of the heap of the [process that runs flows](hosts/node-red.md#a-process-of-its-own); what Node takes where it is not set',
  }),
  backupHours: optional({
    key: 'backups.every_hours',
    env: 'KVFLOW_BACKUP_HOURS',
    parse: integer(0, 8_760, 'hours'),
    about:
      'hours between two [snapshots](backup.md#snapshots) of a bucket that changes, in `snapshots` of the data directory; 0: none',
    shows: '24 with the embedded NATS, else 0',
  }),
  backupKeep: setting({
    key: 'backups.keep',
    env: 'KVFLOW_BACKUP_KEEP',
    parse: integer(1, 1_000),
    fallback: 7,
    about: 'how many snapshots of a bucket are kept',
  }),
  backupMaxMb: setting({
    key: 'backups.max_mb',
    env: 'KVFLOW_BACKUP_MAX_MB',
    parse: integer(1, 1_000_000_000, 'MiB'),
    fallback: 10_240,
    about: 'most MiB of all snapshots together; the oldest are deleted first',
  }),
  backupMinFreeMb: setting({
    key: 'backups.min_free_mb',
    env: 'KVFLOW_BACKUP_MIN_FREE_MB',
    parse: integer(0, 1_000_000_000, 'MiB'),
    fallback: 2_048,
    about: 'no snapshot is taken where the disk of the data directory has less MiB left',
  }),
  sync: setting({
    key: 'embedded.sync',
    env: 'KVFLOW_SYNC',
    parse: sync,
    fallback: 'always',
    about:
      'how often the embedded NATS syncs to disk. `always`: what is acknowledged is on disk. `1s` and the like are several times faster, and a power failure may take the last second',
  }),
  ...TRANSFORM_SETTINGS,
  copyHosts: setting({
    key: 'copy.hosts',
    env: 'COPY_HOSTS',
    parse: listOf(copyHost),
    fallback: [] as string[],
    about:
      'hosts that items may be sent to (kv-bucket-send): of other kvflows, such as `kvflow.example.com`, and of NATS, such as `nats://nats.example.com`; with a port where it is another than 443 or 4222; none: it is off',
  }),
  copyPrivate: setting({
    key: 'copy.private',
    env: 'COPY_PRIVATE',
    parse: boolean,
    fallback: false,
    about: 'whether those hosts may be in a private network or on this machine',
  }),
  ...RECOGNITION_SETTINGS,
};

/** Every setting there is. */
export function allSettings(): Setting<unknown>[] {
  return [SETTINGS, ...Object.values(NATS_SETTINGS)].flatMap(table => Object.values<Setting<unknown>>(table));
}

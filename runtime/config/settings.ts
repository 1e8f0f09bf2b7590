import { availableParallelism } from 'node:os';
import { SCRIPT_STATE_BUCKET } from '../../contract/own-buckets.ts';
import { NO_IDENTITY_VALUES, TIMESTAMP_NODE, USER_AGENT_NODE } from '../../contract/recognition-defaults.ts';
import { FLOWS_MODES, LOG_LEVELS } from './config.ts';
import type { NatsUrls } from './nats-url.ts';
import { natsUrls } from './nats-url.ts';
import type { Parser } from './parsers.ts';
import {
  boolean,
  countOrAuto,
  existingFile,
  integer,
  listOf,
  matching,
  oneOf,
  path,
  text,
  timeZone,
} from './parsers.ts';

/** One setting: where it may be said, how it is read, what it is when nobody says it. */
export interface Setting<T> {
  /** Key in the file, dots between levels. */
  key: string;
  /** Environment variable, which wins over the file; `<env>_FILE` names a file that holds the value, where `secret`. */
  env?: string;
  /** Never shown, not even when it is wrong. */
  secret?: true;
  parse: Parser<T>;
  fallback: T;
  /** What it is for, as Markdown, for the table of docs/configuration.md. */
  about: string;
  /** What the table shows as its default. Default: `fallback`. */
  shows?: string;
}

/** Which variables say what of a NATS target. */
interface NatsVariables {
  url: string;
  user?: string;
  password?: string;
  token?: string;
  credsFile?: string;
  nkeyFile?: string;
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  domain?: string;
}

const NODE = /^\/[^|]+(\|\|\/[^|]+)*$/;
const node = matching(NODE, 'a path into the event such as /user/email, alternatives separated by ||');
const normalization = matching(
  /^\/.+=(exact|trim|lower)$/,
  'a node and how it is compared, such as /user/id=lower: exact, trim or lower',
);
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
const secretsKey = matching(
  /^[0-9a-fA-F]{64}$/,
  '32 bytes as 64 hexadecimal digits; "openssl rand -hex 32" makes them',
);
const fetchHost = matching(
  /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
  'a host such as api.example.com, *.example.com or api.example.com:8443',
);
const bucket = matching(/^[A-Za-z0-9_-]{1,252}$/, 'the name of a bucket: letters, digits, - and _');

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
    about: 'path of the nats-server (2.11 or newer) to run',
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
  transformBucket: setting({
    key: 'transform.bucket',
    env: 'TRANSFORM_KV_BUCKET',
    parse: bucket,
    fallback: SCRIPT_STATE_BUCKET,
    about: 'bucket of the state of scripts',
  }),
  transformTtlSec: setting({
    key: 'transform.ttl_sec',
    env: 'TRANSFORM_KV_TTL_SEC',
    parse: integer(1, 3_153_600_000, 'seconds'),
    fallback: 5_184_000,
    about: "default time-to-live of a script's key, in seconds (60 days)",
  }),
  transformTimeZone: setting({
    key: 'transform.time_zone',
    env: 'TRANSFORM_TIME_ZONE',
    parse: timeZone,
    fallback: 'Etc/UTC',
    about: 'time zone that scripts run in',
  }),
  transformRequireLayers: setting<'all' | 'best'>({
    key: 'transform.require_layers',
    env: 'TRANSFORM_REQUIRE_LAYERS',
    parse: oneOf(['all', 'best']),
    fallback: 'best',
    about: '`all`: scripts run only where no [tool that locks them in](security.md) is missing',
  }),
  transformEngine: setting<'vm2' | 'context'>({
    key: 'transform.engine',
    env: 'TRANSFORM_ENGINE',
    parse: oneOf(['vm2', 'context']),
    fallback: 'vm2',
    about:
      'what keeps scripts from each other [within their process](security.md): `context` is a plain context of Node, with less in between',
  }),
  transformFailingTests: setting<'refuse' | 'warn'>({
    key: 'transform.failing_tests',
    env: 'TRANSFORM_FAILING_TESTS',
    parse: oneOf(['refuse', 'warn']),
    fallback: 'refuse',
    about:
      'what becomes of a script that is stored with tests that fail; `warn`: it is stored and the answer says so',
  }),
  transformSecretsKey: setting<string | undefined>({
    key: 'transform.secrets_key',
    env: 'TRANSFORM_SECRETS_KEY',
    secret: true,
    parse: secretsKey,
    fallback: undefined,
    about:
      'key that secrets of scripts are encrypted with; `openssl rand -hex 32` makes one. Without it there are none',
  }),
  transformFetchHosts: setting({
    key: 'transform.fetch.hosts',
    env: 'TRANSFORM_FETCH_HOSTS',
    parse: listOf(fetchHost),
    fallback: [] as string[],
    about:
      'hosts that scripts may fetch from, such as `api.example.com` or `*.example.com`, with a port where it is another; none: fetch is off',
  }),
  transformFetchMaxBytes: setting({
    key: 'transform.fetch.max_bytes',
    env: 'TRANSFORM_FETCH_MAX_BYTES',
    parse: integer(1, 16_777_216, 'bytes'),
    fallback: 1_048_576,
    about: 'most bytes of one answer that a script fetches',
  }),
  transformFetchTimeoutMs: setting({
    key: 'transform.fetch.timeout_ms',
    env: 'TRANSFORM_FETCH_TIMEOUT_MS',
    parse: integer(1, 60_000, 'milliseconds'),
    fallback: 5_000,
    about: 'how long one fetch of a script may take, redirects included',
  }),
  transformFetchPerCall: setting({
    key: 'transform.fetch.per_call',
    env: 'TRANSFORM_FETCH_PER_CALL',
    parse: integer(1, 100_000, 'requests'),
    fallback: 1_000,
    about: 'requests that the scripts of one call may make',
  }),
  transformGeoFile: setting<string | undefined>({
    key: 'transform.geo_file',
    env: 'TRANSFORM_GEO_FILE',
    parse: existingFile,
    fallback: undefined,
    about:
      'file in the format of MaxMind, such as GeoLite2-City.mmdb, by which scripts [know where events came from](transform/README.md); it is read again when it changes',
  }),
  transformCpuMsPerCall: setting({
    key: 'transform.limits.cpu_ms_per_call',
    env: 'TRANSFORM_CPU_MS_PER_CALL',
    parse: integer(1, 86_400_000, 'milliseconds'),
    fallback: 60_000,
    about: 'processor time that the scripts of one call may use',
  }),
  transformKvPerCall: setting({
    key: 'transform.limits.kv_per_call',
    env: 'TRANSFORM_KV_PER_CALL',
    parse: integer(1, 1_000_000_000, 'operations'),
    fallback: 100_000,
    about: '`$kv` operations that the scripts of one call may make',
  }),
  transformCpuMsPerMinute: setting({
    key: 'transform.limits.cpu_ms_per_minute',
    env: 'TRANSFORM_CPU_MS_PER_MINUTE',
    parse: integer(0, 86_400_000, 'milliseconds'),
    fallback: 0,
    about:
      'processor time that the scripts of one API key, or without keys of one namespace, may use in a minute; then calls answer 429. `0`: no bound. Each of several [workers](scaling.md) has its share of it',
  }),
  transformKvPerMinute: setting({
    key: 'transform.limits.kv_per_minute',
    env: 'TRANSFORM_KV_PER_MINUTE',
    parse: integer(0, 1_000_000_000, 'operations'),
    fallback: 0,
    about: '`$kv` operations of the same, shared out in the same way; `0`: no bound',
  }),
  copyHosts: setting({
    key: 'copy.hosts',
    env: 'COPY_HOSTS',
    parse: listOf(fetchHost),
    fallback: [] as string[],
    about:
      'hosts of other kvflows that items may be sent to (kv-bucket-send), such as `kvflow.example.com`, with a port where it is another; none: it is off',
  }),
  copyPrivate: setting({
    key: 'copy.private',
    env: 'COPY_PRIVATE',
    parse: boolean,
    fallback: false,
    about: 'whether those hosts may be in a private network or on this machine',
  }),
  recognitionEnabled: setting({
    key: 'users_recognition.enabled',
    env: 'USER_RECOGNITION_ENABLED',
    parse: boolean,
    fallback: true,
    about: 'whether users are recognized in their anonymous past',
  }),
  recognitionTtlMinutes: setting({
    key: 'users_recognition.ttl_minutes',
    env: 'USER_RECOGNITION_TTL_MINUTES',
    parse: integer(1, 52_560_000, 'minutes'),
    fallback: 10_080,
    about: 'how long an anonymous event is remembered, in minutes (7 days)',
  }),
  anonymousIdNode: setting({
    key: 'users_recognition.anonymous_id_node',
    parse: node,
    fallback: '/user/anonymous_id',
    about: 'where in an event the anonymous id is',
  }),
  identificationNodes: setting({
    key: 'users_recognition.identification_nodes',
    parse: listOf(node),
    fallback: ['/user/id', '/user/email'],
    about: "where the user's identity is; alternatives as `/a/id||/b/id`",
  }),
  noIdentityValues: setting({
    key: 'users_recognition.no_identity_values',
    parse: listOf(text),
    fallback: NO_IDENTITY_VALUES,
    about:
      'values that name nobody, in any case of letters, also in quotes or brackets; text without a letter or digit, ids of zeros, `NaN`, `Infinity`, `true`, `false` and `[object ...]` never name anybody',
  }),
  userAgentNode: setting({
    key: 'users_recognition.user_agent_node',
    parse: node,
    fallback: USER_AGENT_NODE,
    about: 'where an event says the user agent, by which robots are told',
    shows: '`/user_agent`, `/eventn_ctx/user_agent`, `/context/userAgent`',
  }),
  timestampNode: setting({
    key: 'users_recognition.timestamp_node',
    parse: node,
    fallback: TIMESTAMP_NODE,
    about: 'where an event says when it happened, which decides which login is later',
    shows: 'the usual fields of trackers, see [identify](functions/identify.md)',
  }),
  normalize: setting({
    key: 'users_recognition.normalize',
    parse: listOf(normalization),
    fallback: [],
    about:
      'how texts of an identification node are compared, `<node>=exact`, `<node>=trim` or `<node>=lower` each: letter by letter, without the spaces around them, in whatever case; what is stored stays as it was sent',
    shows: 'none: addresses (nodes that end in email) in whatever case, all else letter by letter',
  }),
  reconcileAfterSec: setting({
    key: 'users_recognition.reconcile_after_sec',
    parse: integer(1, 86_400, 'seconds'),
    fallback: 10,
    about: 'how old the unfinished work of a call is before another process finishes it, in seconds',
  }),
};

/** The NATS targets: the main one, and those that take its place for one purpose. */
export const NATS_SETTINGS = {
  main: natsSettings(
    'nats',
    {
      url: 'NATS_URL',
      user: 'NATS_USER',
      password: 'NATS_PASSWORD',
      token: 'NATS_TOKEN',
      credsFile: 'NATS_CREDS_FILE',
      nkeyFile: 'NATS_NKEY_FILE',
      caFile: 'NATS_TLS_CA',
      certFile: 'NATS_TLS_CERT',
      keyFile: 'NATS_TLS_KEY',
      domain: 'NATS_JS_DOMAIN',
    },
    {
      about:
        'servers, separated by commas: `nats://host:4222`, `tls://host`, `nats://user:password@host`, `nats://token@host`',
      shows: 'none: embedded',
    },
  ),
  transform: natsSettings(
    'transform.nats',
    { url: 'TRANSFORM_NATS_URL' },
    {
      about: 'a separate NATS for the state of scripts',
      shows: 'the main NATS',
    },
  ),
  recognition: natsSettings(
    'users_recognition.nats',
    { url: 'USER_RECOGNITION_NATS_URL' },
    {
      about: 'a separate NATS for anonymous events',
      shows: 'the main NATS',
    },
  ),
};

/** The settings of one NATS target. */
export type NatsSettingTable = ReturnType<typeof natsSettings>;

/** What reading a table of settings gives. */
export type ValuesOf<Table> = { [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never };

/** Every setting there is. */
export function allSettings(): Setting<unknown>[] {
  return [SETTINGS, ...Object.values(NATS_SETTINGS)].flatMap(table => Object.values<Setting<unknown>>(table));
}

function natsSettings(key: string, env: NatsVariables, urls: { about: string; shows: string }) {
  const at = <T>(
    name: string,
    variable: string | undefined,
    parse: Parser<T>,
    about: string,
    secret?: true,
  ) =>
    optional({
      key: `${key}.${name}`,
      parse,
      about,
      ...(variable && { env: variable }),
      ...(secret && { secret }),
    });
  return {
    url: {
      ...at<NatsUrls>('url', env.url, natsUrls, urls.about, true),
      shows: urls.shows,
    },
    user: at('user', env.user, text, 'wins over the one in the URL', true),
    password: at('password', env.password, text, 'wins over the one in the URL', true),
    token: at('token', env.token, text, 'instead of user and password', true),
    credsFile: at('creds_file', env.credsFile, existingFile, 'path of a `.creds` file'),
    nkeyFile: at('nkey_file', env.nkeyFile, existingFile, 'path of an nkey seed'),
    caFile: at(
      'tls_ca',
      env.caFile,
      existingFile,
      "path of the PEM file of who signed the server's certificate",
    ),
    certFile: at('tls_cert', env.certFile, existingFile, 'path of the PEM file of a certificate of our own'),
    keyFile: at('tls_key', env.keyFile, existingFile, 'path of the PEM file of its key'),
    domain: at(
      'js_domain',
      env.domain,
      matching(/^[^\s.*>]+$/, 'one word without dots, spaces or wildcards'),
      "JetStream domain to work in; the server's own where none is said",
    ),
  };
}

function setting<T>(it: Setting<T>): Setting<T> {
  return it;
}

function optional<T>(it: Omit<Setting<T>, 'fallback'>): Setting<T | undefined> {
  return { ...it, fallback: undefined };
}

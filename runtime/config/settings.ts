import { SCRIPT_STATE_BUCKET } from '../../contract/own-buckets.ts';
import { FLOWS_MODES, LOG_LEVELS } from './config.ts';
import type { NatsUrls } from './nats-url.ts';
import { natsUrls } from './nats-url.ts';
import type { Parser } from './parsers.ts';
import { boolean, existingFile, integer, listOf, matching, oneOf, path, text, timeZone } from './parsers.ts';

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
const apiKey = matching(
  /^[\x21-\x2b\x2d-\x7e]{16,}$/,
  'keys of at least 16 printable characters without spaces, separated by commas; "openssl rand -hex 32" makes a good one',
);
const sync = matching(
  /^(always|(?=.*[1-9])(\d+(\.\d+)?(ms|s|m|h))+)$/,
  '"always" (what is acknowledged is on disk) or the time between two syncs, such as 1s, 500ms or 2m',
);
const bucket = matching(/^[A-Za-z0-9_-]{1,252}$/, 'the name of a bucket: letters, digits, - and _');

/** Every setting but the destinations, which have names of their own. */
export const SETTINGS = {
  host: setting({ key: 'server.host', env: 'KVFLOW_HOST', parse: text, fallback: '127.0.0.1' }),
  port: setting({ key: 'server.port', env: 'KVFLOW_PORT', parse: integer(0, 65_535), fallback: 4280 }),
  apiKeys: setting<string[]>({
    key: 'server.api_keys',
    env: 'KVFLOW_API_KEYS',
    secret: true,
    parse: listOf(apiKey),
    fallback: [],
  }),
  dataDir: setting({ key: 'data_dir', env: 'KVFLOW_DATA_DIR', parse: path, fallback: '.kvflow' }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    key: 'log_level',
    env: 'KVFLOW_LOG_LEVEL',
    parse: oneOf(LOG_LEVELS),
    fallback: 'info',
  }),
  serverBin: optional({ key: 'embedded.server_bin', env: 'NATS_SERVER_BIN', parse: path }),
  natsService: setting({ key: 'nats_service', env: 'KVFLOW_NATS_SERVICE', parse: boolean, fallback: true }),
  flows: setting<(typeof FLOWS_MODES)[number]>({
    key: 'flows',
    env: 'KVFLOW_FLOWS',
    parse: oneOf(FLOWS_MODES),
    fallback: 'on',
  }),
  sync: setting({ key: 'embedded.sync', env: 'KVFLOW_SYNC', parse: sync, fallback: 'always' }),
  transformBucket: setting({
    key: 'transform.bucket',
    env: 'TRANSFORM_KV_BUCKET',
    parse: bucket,
    fallback: SCRIPT_STATE_BUCKET,
  }),
  transformTtlSec: setting({
    key: 'transform.ttl_sec',
    env: 'TRANSFORM_KV_TTL_SEC',
    parse: integer(1, 3_153_600_000, 'seconds'),
    fallback: 5_184_000,
  }),
  transformTimeZone: setting({
    key: 'transform.time_zone',
    env: 'TRANSFORM_TIME_ZONE',
    parse: timeZone,
    fallback: 'Etc/UTC',
  }),
  transformRequireLayers: setting<'all' | 'best'>({
    key: 'transform.require_layers',
    env: 'TRANSFORM_REQUIRE_LAYERS',
    parse: oneOf(['all', 'best']),
    fallback: 'best',
  }),
  recognitionEnabled: setting({
    key: 'users_recognition.enabled',
    env: 'USER_RECOGNITION_ENABLED',
    parse: boolean,
    fallback: true,
  }),
  recognitionTtlMinutes: setting({
    key: 'users_recognition.ttl_minutes',
    env: 'USER_RECOGNITION_TTL_MINUTES',
    parse: integer(1, 52_560_000, 'minutes'),
    fallback: 10_080,
  }),
  anonymousIdNode: setting({
    key: 'users_recognition.anonymous_id_node',
    parse: node,
    fallback: '/user/anonymous_id',
  }),
  identificationNodes: setting({
    key: 'users_recognition.identification_nodes',
    parse: listOf(node),
    fallback: ['/user/id', '/user/email'],
  }),
  noIdentityValues: setting({
    key: 'users_recognition.no_identity_values',
    parse: listOf(text),
    fallback: ['null', 'undefined', 'anonymous', 'none', '-1'],
  }),
  userAgentNode: setting({
    key: 'users_recognition.user_agent_node',
    parse: node,
    fallback: '/user_agent||/eventn_ctx/user_agent||/context/userAgent',
  }),
  timestampNode: setting({
    key: 'users_recognition.timestamp_node',
    parse: node,
    fallback:
      '/timestamp||/_timestamp||/utc_time||/eventn_ctx/utc_time||/event_time||/originalTimestamp||/original_timestamp||/occurred_at||/derived_tstamp||/created_at||/time',
  }),
  reconcileAfterSec: setting({
    key: 'users_recognition.reconcile_after_sec',
    parse: integer(1, 86_400, 'seconds'),
    fallback: 10,
  }),
};

/** The NATS targets: the main one, and those that take its place for one purpose. */
export const NATS_SETTINGS = {
  main: natsSettings('nats', {
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
  }),
  transform: natsSettings('transform.nats', { url: 'TRANSFORM_NATS_URL' }),
  recognition: natsSettings('users_recognition.nats', { url: 'USER_RECOGNITION_NATS_URL' }),
};

/** The settings of one NATS target. */
export type NatsSettingTable = ReturnType<typeof natsSettings>;

/** What reading a table of settings gives. */
export type ValuesOf<Table> = { [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never };

/** Every setting there is. */
export function allSettings(): Setting<unknown>[] {
  return [SETTINGS, ...Object.values(NATS_SETTINGS)].flatMap(table => Object.values<Setting<unknown>>(table));
}

function natsSettings(key: string, env: NatsVariables) {
  const at = <T>(name: string, variable: string | undefined, parse: Parser<T>, secret?: true) =>
    optional({ key: `${key}.${name}`, parse, ...(variable && { env: variable }), ...(secret && { secret }) });
  return {
    url: at<NatsUrls>('url', env.url, natsUrls, true),
    user: at('user', env.user, text, true),
    password: at('password', env.password, text, true),
    token: at('token', env.token, text, true),
    credsFile: at('creds_file', env.credsFile, existingFile),
    nkeyFile: at('nkey_file', env.nkeyFile, existingFile),
    caFile: at('tls_ca', env.caFile, existingFile),
    certFile: at('tls_cert', env.certFile, existingFile),
    keyFile: at('tls_key', env.keyFile, existingFile),
    domain: at(
      'js_domain',
      env.domain,
      matching(/^[^\s.*>]+$/, 'one word without dots, spaces or wildcards'),
    ),
  };
}

function setting<T>(it: Setting<T>): Setting<T> {
  return it;
}

function optional<T>(it: Omit<Setting<T>, 'fallback'>): Setting<T | undefined> {
  return { ...it, fallback: undefined };
}

import { SCRIPT_STATE_BUCKET } from '../../contract/own-buckets.ts';
import { existingFile, integer, listOf, matching, oneOf, remoteHost, timeZone } from './parsers.ts';
import { setting } from './setting.ts';

const secretsKey = matching(
  /^[0-9a-fA-F]{64}$/,
  '32 bytes as 64 hexadecimal digits; "openssl rand -hex 32" makes them',
);

const bucket = matching(/^[A-Za-z0-9_-]{1,252}$/, 'the name of a bucket: letters, digits, - and _');

/** Settings of what scripts may do, and with how much. */
export const TRANSFORM_SETTINGS = {
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
    parse: listOf(remoteHost),
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
};

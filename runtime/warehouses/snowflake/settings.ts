import type { ConnectionOptions } from 'snowflake-sdk';
import { PackError } from '../../../contract/errors.ts';

/** Where a Snowflake is and as whom to log in. */
export interface SnowflakeSettings {
  /**
   * `snowflake://user:password@account/database/schema?warehouse=...&role=...`. Instead of a password:
   * `private_key_file` (and `private_key_passphrase`). `access_url` for a private link. Secret.
   */
  url: string;
  /** Wins over the schema of the url. */
  schema?: string | undefined;
  /** Most sessions. Default 4. */
  poolSize?: number | undefined;
}

const QUERY = ['warehouse', 'role', 'access_url', 'private_key_file', 'private_key_passphrase'] as const;
type Query = Partial<Record<(typeof QUERY)[number], string>>;

/** The SDK's options for it. Throws WAREHOUSE_ERROR that says what is wrong, without showing the url. */
export function readSettings({ url, schema }: SnowflakeSettings): ConnectionOptions {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'snowflake:') throw wrong('must begin with snowflake://');
  const query = readQuery(parsed.searchParams);
  const [database, inUrl, ...rest] = parsed.pathname
    .split('/')
    .slice(1)
    .map(part => decode(part));
  const given = {
    username: decode(parsed.username),
    account: decode(parsed.hostname),
  };
  if (!given.account) throw wrong('names no account, such as myorg-myaccount');
  if (!given.username) throw wrong('names no user');
  if (!database || rest.some(part => part !== ''))
    throw wrong('needs /database or /database/schema after the account');
  return {
    ...given,
    database,
    schema: schema ?? (inUrl || 'PUBLIC'),
    ...login(decode(parsed.password), query),
    ...(query.warehouse && { warehouse: query.warehouse }),
    ...(query.role && { role: query.role }),
    ...(query.access_url && { accessUrl: accessUrl(query.access_url) }),
    application: 'kvflow',
    // A login that fails is the caller's to repeat: it has a deadline, and somebody waits.
    sfRetryMaxLoginRetries: 0,
    clientSessionKeepAlive: false,
    disableQueryContextCache: true,
  };
}

function readQuery(params: URLSearchParams): Query {
  const unknown = [...params.keys()].filter(name => !QUERY.some(known => known === name));
  if (unknown.length > 0)
    throw wrong(`has parameters that are not known: ${unknown.join(', ')} (known: ${QUERY.join(', ')})`);
  return Object.fromEntries(params) as Query;
}

function login(password: string, query: Query): Partial<ConnectionOptions> {
  if (query.private_key_file) {
    return {
      authenticator: 'SNOWFLAKE_JWT',
      privateKeyPath: query.private_key_file,
      ...(query.private_key_passphrase && { privateKeyPass: query.private_key_passphrase }),
    };
  }
  if (password) return { password };
  throw wrong('needs a password, or private_key_file=/path/of/key.p8');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('has a % that is no escape: write it as %25');
  }
}

function accessUrl(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw wrong('has an access_url that is no http(s) URL');
  return parsed.origin;
}

function wrong(what: string): PackError {
  return new PackError(
    'WAREHOUSE_ERROR',
    `the destination's url ${what} (snowflake://user:password@account/database/schema)`,
  );
}

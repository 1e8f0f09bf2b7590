import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { PackError } from '../../../contract/errors.ts';

/** How to reach a MySQL or MariaDB server. */
export interface MysqlAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Undefined: not encrypted. */
  tls: MysqlTls | undefined;
  /** Most connections that are open at once. Default 8. */
  connections: number;
}

/** What a TLS connection is checked against. */
export interface MysqlTls {
  /** Whether the certificate must be signed by a known authority. */
  rejectUnauthorized: boolean;
  /** Whether it must be the host's own. */
  verifyIdentity: boolean;
  ca?: string;
  cert?: string;
  key?: string;
}

const MODES: Record<string, Pick<MysqlTls, 'rejectUnauthorized' | 'verifyIdentity'> | undefined> = {
  DISABLED: undefined,
  REQUIRED: { rejectUnauthorized: false, verifyIdentity: false },
  VERIFY_CA: { rejectUnauthorized: true, verifyIdentity: false },
  VERIFY_IDENTITY: { rejectUnauthorized: true, verifyIdentity: true },
};
const PARAMETERS = ['ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key', 'connections'];
const DEFAULT_PORT = 3306;
const DEFAULT_CONNECTIONS = 8;
const MAX_CONNECTIONS = 1_000;

/**
 * Reads `mysql://user:password@host:3306/database?ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/ca.pem&connections=8`
 * (`mariadb://` means the same). `schema` wins over the url's database. Throws WAREHOUSE_ERROR, never showing the url.
 */
export function readMysqlUrl(given: string | undefined, schema?: string): MysqlAddress {
  const url = given !== undefined && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^(mysql|mariadb):$/.test(url.protocol) || url.hostname === '') {
    throw wrong('url must be such as mysql://user:password@host:3306/database');
  }
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.includes(name)) {
      throw wrong(
        `url has an unknown parameter ${JSON.stringify(name)}; known are: ${PARAMETERS.join(', ')}`,
      );
    }
  }
  const database = schema ?? decode(url.pathname.slice(1), 'database');
  if (database === '') throw wrong('url names no database: add it after the last /, or set schema');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = readTls(url.searchParams);
  if (tls?.verifyIdentity && isIP(host)) {
    // The driver gives Node no name to hold the certificate against, and Node takes "localhost" then.
    throw wrong(
      "ssl-mode=VERIFY_IDENTITY needs the host's name in the url, not its address; or use VERIFY_CA",
    );
  }
  return {
    host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: decode(url.username, 'user'),
    password: decode(url.password, 'password'),
    database,
    tls,
    connections: readConnections(url.searchParams.get('connections')),
  };
}

function readTls(parameters: URLSearchParams): MysqlTls | undefined {
  const given = parameters.get('ssl-mode');
  const ca = readFile(parameters, 'ssl-ca');
  const cert = readFile(parameters, 'ssl-cert');
  const key = readFile(parameters, 'ssl-key');
  const name = (given ?? (ca === undefined ? 'DISABLED' : 'VERIFY_CA')).toUpperCase();
  if (!Object.hasOwn(MODES, name)) {
    throw wrong(`url's ssl-mode must be one of: ${Object.keys(MODES).join(', ')}`);
  }
  const mode = MODES[name];
  if (!mode) return undefined;
  return { ...mode, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function readFile(parameters: URLSearchParams, name: string): string | undefined {
  const path = parameters.get(name);
  if (path === null) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(`url's ${name} names a file that cannot be read: ${JSON.stringify(path)}`, error);
  }
}

function readConnections(text: string | null): number {
  if (text === null) return DEFAULT_CONNECTIONS;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_CONNECTIONS) return number;
  throw wrong(`url's connections must be a number from 1 to ${MAX_CONNECTIONS}`);
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`the ${what} in url has a % that is no escape: write it as %25`);
  }
}

function wrong(message: string, cause?: unknown): PackError {
  return new PackError('WAREHOUSE_ERROR', `mysql: ${message}`, { cause });
}

import { readFileSync } from 'node:fs';
import { PackError } from '../../../contract/errors.ts';

/** How to reach a ClickHouse server. */
export interface ClickhouseAddress {
  /** Scheme, host, port and path. */
  url: string;
  username: string;
  password: string;
  database: string;
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer };
  /** Most requests at once. Default 8. */
  connections: number;
  /** Settings sent with every request, such as `insert_quorum`. */
  settings: Record<string, string>;
}

const FILES = ['tls-ca', 'tls-cert', 'tls-key'] as const;
const SETTING = /^ch_([a-z0-9_]+)$/;
const DEFAULT_CONNECTIONS = 8;
const MAX_CONNECTIONS = 1_000;

/**
 * Reads `https://user:password@host:8443/database?connections=8&tls-ca=/etc/ca.pem&ch_insert_quorum=2`. `schema` wins
 * over the url's database. Throws WAREHOUSE_ERROR, never showing the url.
 */
export function readClickhouseUrl(given: string | undefined, schema?: string): ClickhouseAddress {
  const url = given !== undefined && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw wrong('url must be that of the HTTP interface, such as https://user:password@host:8443/database');
  }
  if (url.protocol === 'http:' && FILES.some(name => url.searchParams.has(name))) {
    throw wrong(
      'url has certificates and is not encrypted: write https:// (port 8443 unless the server has another)',
    );
  }
  return {
    url: url.origin,
    username: decoded(url.username, 'user') || 'default',
    password: decoded(url.password, 'password'),
    database: schema ?? (decoded(url.pathname.slice(1), 'database') || 'default'),
    ...readParameters(url.searchParams),
  };
}

function readParameters(
  parameters: URLSearchParams,
): Pick<ClickhouseAddress, 'tls' | 'connections' | 'settings'> {
  const settings: Record<string, string> = {};
  for (const [name, value] of parameters) {
    const setting = SETTING.exec(name)?.[1];
    if (setting !== undefined) settings[setting] = value;
    else if (name !== 'connections' && !FILES.some(file => file === name)) {
      throw wrong(
        `url has an unknown parameter ${JSON.stringify(name)}; known are: connections, ${FILES.join(', ')}, and ch_ before a setting's name`,
      );
    }
  }
  const [ca, cert, key] = FILES.map(name => readFile(name, parameters.get(name)));
  if (!cert !== !key) throw wrong('url must have tls-cert and tls-key, or neither');
  return {
    settings,
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    connections: readConnections(parameters.get('connections')),
  };
}

function readFile(name: string, path: string | null): Buffer | undefined {
  if (path === null) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw wrong(`url's ${name} names a file that cannot be read: ${JSON.stringify(path)}`, error);
  }
}

function readConnections(text: string | null): number {
  const number = text === null ? DEFAULT_CONNECTIONS : Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_CONNECTIONS) return number;
  throw wrong(`url's connections must be a number from 1 to ${MAX_CONNECTIONS}`);
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`the ${what} in url has a % that is no escape: write it as %25`);
  }
}

function wrong(message: string, cause?: unknown): PackError {
  return new PackError('WAREHOUSE_ERROR', `clickhouse: ${message}`, { cause });
}

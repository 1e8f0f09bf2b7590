import { BadValue, listOf, parser, text } from './parsers.ts';

/** What a comma-separated list of NATS URLs says. */
export interface NatsUrls {
  /** `nats://host:port` each: the client library does not read credentials out of URLs. */
  servers: string[];
  user?: string;
  password?: string;
  token?: string;
  /** Whether a URL asks for TLS. */
  tls: boolean;
}

const ALLOWED =
  'one or more NATS servers separated by commas, each as nats://host:4222, tls://host:4222 or nats://user:password@host:4222 (percent-encode special characters of a password)';

/** Reads a list of servers: `nats://`, `tls://` or no scheme, with credentials in at most one form. */
export const natsUrls = parser<NatsUrls>(listOf(text).schema, value => {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  const urls = list.filter(each => typeof each !== 'string' || each.trim() !== '').map(parseOne);
  if (urls.length === 0) throw new BadValue(ALLOWED);
  return {
    servers: urls.map(url => `nats://${url.hostname}:${url.port || '4222'}`),
    tls: urls.some(url => url.protocol === 'tls:'),
    ...sharedCredentials(urls),
  };
});

function parseOne(value: unknown): URL {
  const text = String(value).trim();
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `nats://${text}`);
  if (!url?.hostname || !['nats:', 'tls:'].includes(url.protocol)) throw new BadValue(ALLOWED);
  if (!['', '/'].includes(url.pathname) || url.search || url.hash) throw new BadValue(ALLOWED);
  return url;
}

/** One connection has one identity, whichever server it ends up on. */
function sharedCredentials(urls: URL[]): Pick<NatsUrls, 'user' | 'password' | 'token'> {
  const distinct = new Set(urls.filter(url => url.username).map(url => `${url.username}:${url.password}`));
  if (distinct.size > 1)
    throw new BadValue('servers with the same user and password, or with none but the first');
  const url = urls.find(each => each.username);
  if (!url) return {};
  const name = decode(url.username);
  return url.password ? { user: name, password: decode(url.password) } : { token: name };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadValue(ALLOWED);
  }
}

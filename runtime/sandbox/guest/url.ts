import * as standard from 'whatwg-url';
import { SearchParams, textOf } from './search-params.ts';
import { usualUrl } from './usual-url.ts';

type Override = Parameters<typeof standard.basicURLParse>[1] extends infer O | undefined
  ? O extends { stateOverride?: infer S | undefined }
    ? S
    : never
  : never;

/** The `URL` of scripts, over the parser of the standard. Its record is its own: nothing of the parser is reached through it. */
export class GuestUrl {
  #url: standard.URLRecord;
  #params: SearchParams | undefined;
  constructor(url: unknown, base?: unknown) {
    this.#url = parse(textOf(url), base === undefined ? undefined : textOf(base));
  }
  static canParse(url: unknown, base?: unknown): boolean {
    return GuestUrl.parse(url, base) !== null;
  }
  static parse(url: unknown, base?: unknown): GuestUrl | null {
    try {
      return new GuestUrl(url, base);
    } catch {
      return null;
    }
  }
  #set(text: unknown, stateOverride: Override): void {
    standard.basicURLParse(textOf(text), { url: this.#url, stateOverride });
  }
  get href(): string {
    return standard.serializeURL(this.#url);
  }
  set href(text: unknown) {
    this.#url = parse(textOf(text), undefined);
    this.#params = undefined;
  }
  get origin(): string {
    return standard.serializeURLOrigin(this.#url);
  }
  get protocol(): string {
    return `${this.#url.scheme}:`;
  }
  set protocol(text: unknown) {
    this.#set(`${textOf(text)}:`, 'scheme start');
  }
  get username(): string {
    return this.#url.username;
  }
  set username(text: unknown) {
    if (!standard.cannotHaveAUsernamePasswordPort(this.#url))
      standard.setTheUsername(this.#url, textOf(text));
  }
  get password(): string {
    return this.#url.password;
  }
  set password(text: unknown) {
    if (!standard.cannotHaveAUsernamePasswordPort(this.#url))
      standard.setThePassword(this.#url, textOf(text));
  }
  get host(): string {
    const { port } = this.#url;
    return port === null ? this.hostname : `${this.hostname}:${port}`;
  }
  set host(text: unknown) {
    if (!standard.hasAnOpaquePath(this.#url)) this.#set(text, 'host');
  }
  get hostname(): string {
    const { host } = this.#url;
    return host === null ? '' : standard.serializeHost(host);
  }
  set hostname(text: unknown) {
    if (!standard.hasAnOpaquePath(this.#url)) this.#set(text, 'hostname');
  }
  get port(): string {
    return `${this.#url.port ?? ''}`;
  }
  set port(text: unknown) {
    if (standard.cannotHaveAUsernamePasswordPort(this.#url)) return;
    if (textOf(text) === '') this.#url.port = null;
    else this.#set(text, 'port');
  }
  get pathname(): string {
    return standard.serializePath(this.#url);
  }
  set pathname(text: unknown) {
    if (standard.hasAnOpaquePath(this.#url)) return;
    this.#url.path = [];
    this.#set(text, 'path start');
  }
  get search(): string {
    return this.#url.query ? `?${this.#url.query}` : '';
  }
  set search(text: unknown) {
    const query = textOf(text);
    this.#params = undefined;
    this.#url.query = query === '' ? null : '';
    if (query !== '') this.#set(query.replace(/^\?/, ''), 'query');
  }
  get searchParams(): SearchParams {
    // A question mark in the query is the beginning of a name; the class leaves the first out.
    this.#params ??= new SearchParams(`?${this.#url.query ?? ''}`, text => {
      this.#url.query = text === '' ? null : text;
    });
    return this.#params;
  }
  get hash(): string {
    return this.#url.fragment ? `#${this.#url.fragment}` : '';
  }
  set hash(text: unknown) {
    const fragment = textOf(text);
    this.#url.fragment = fragment === '' ? null : '';
    if (fragment !== '') this.#set(fragment.replace(/^#/, ''), 'fragment');
  }
  toString(): string {
    return this.href;
  }
  toJSON(): string {
    return this.href;
  }
  get [Symbol.toStringTag](): string {
    return 'URL';
  }
}

/** The host as a URL would have it, `""` when it is not one. */
export function hostOf(text: string): string {
  return GuestUrl.parse(`ws://${text}`)?.hostname ?? '';
}

function parse(url: string, base: string | undefined): standard.URLRecord {
  const usual = usualUrl(url);
  if (usual && base === undefined) return usual;
  const from = base === undefined ? undefined : read(base);
  const found = from === null ? null : (usual ?? standard.basicURLParse(url, { baseURL: from }));
  if (found !== null) return found;
  throw Object.assign(new TypeError('Invalid URL'), {
    code: 'ERR_INVALID_URL',
    input: url,
    ...(base !== undefined && { base }),
  });
}

function read(url: string): standard.URLRecord | null {
  return usualUrl(url) ?? standard.basicURLParse(url);
}

import type { Parts, UrlParser } from './url-parse.ts';

/** The `URL` and `URLSearchParams` globals. */
export interface GuestUrl {
  URL: new (url: unknown, base?: unknown) => { href: string };
  URLSearchParams: new (init?: unknown) => { toString(): string };
  /** For `require('url').domainToASCII`: the host as a URL would have it, `""` when it is not one. */
  hostOf(text: string): string;
}

/**
 * Builds the URL classes on the parser. Sent to the worker as source text: refers to nothing outside itself.
 */
export function makeUrl(parser: UrlParser): GuestUrl {
  const {
    parse,
    print,
    special,
    percent,
    unpercent,
    parseHost,
    setHostPort,
    setPort,
    walk,
    pathOf,
    hostOf,
    sets,
  } = parser;

  const formEncode = (text: string): string =>
    percent(text, ' !"#$%&\'()+,/:;<=>?@[\\]^`{|}~').replaceAll('%20', '+');
  const formParse = (text: string): [string, string][] =>
    text
      .split('&')
      .filter(pair => pair !== '')
      .map(pair => {
        const cut = pair.indexOf('=');
        const read = (part: string): string => unpercent(part.replaceAll('+', ' '));
        return cut < 0 ? [read(pair), ''] : [read(pair.slice(0, cut)), read(pair.slice(cut + 1))];
      });

  const pairsOf = (init: unknown): [string, string][] => {
    if (init === undefined || init === null) return [];
    if (typeof init !== 'object') return formParse(String(init).replace(/^\?/, ''));
    if (!(Symbol.iterator in init))
      return Object.entries(init).map(([k, v]) => [`${k}`.toWellFormed(), `${v}`.toWellFormed()]);
    return [...(init as Iterable<Iterable<unknown>>)].map(pair => {
      const [key, value, ...more] = [...pair];
      if (value === undefined || more.length > 0)
        throw new TypeError('Each query pair must be an iterable [name, value] tuple');
      return [`${key}`.toWellFormed(), `${value}`.toWellFormed()];
    });
  };

  class GuestSearchParams {
    #list: [string, string][];
    #changed: (text: string) => void;
    constructor(init?: unknown, changed: (text: string) => void = () => {}) {
      this.#list = pairsOf(init);
      this.#changed = changed;
    }
    #update(list: [string, string][]): void {
      this.#list = list;
      this.#changed(this.toString());
    }
    get size(): number {
      return this.#list.length;
    }
    append(name: unknown, value: unknown): void {
      this.#update([...this.#list, [String(name), String(value)]]);
    }
    delete(name: unknown, value?: unknown): void {
      this.#update(
        this.#list.filter(([k, v]) => k !== String(name) || (value !== undefined && v !== String(value))),
      );
    }
    get(name: unknown): string | null {
      return this.#list.find(([k]) => k === String(name))?.[1] ?? null;
    }
    getAll(name: unknown): string[] {
      return this.#list.filter(([k]) => k === String(name)).map(([, v]) => v);
    }
    has(name: unknown, value?: unknown): boolean {
      return this.#list.some(([k, v]) => k === String(name) && (value === undefined || v === String(value)));
    }
    set(name: unknown, value: unknown): void {
      const key = String(name);
      const at = this.#list.findIndex(([k]) => k === key);
      if (at < 0) this.append(key, value);
      if (at < 0) return;
      this.#update(
        this.#list.flatMap(([k, v], i): [string, string][] =>
          k !== key ? [[k, v]] : i === at ? [[k, String(value)]] : [],
        ),
      );
    }
    sort(): void {
      this.#update([...this.#list].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    }
    forEach(fn: (value: string, key: string, self: GuestSearchParams) => void): void {
      for (const [k, v] of this.#list) fn(v, k, this);
    }
    *keys(): Generator<string> {
      for (const [k] of this.#list) yield k;
    }
    *values(): Generator<string> {
      for (const [, v] of this.#list) yield v;
    }
    *entries(): Generator<[string, string]> {
      for (const [k, v] of this.#list) yield [k, v];
    }
    [Symbol.iterator](): Generator<[string, string]> {
      return this.entries();
    }
    toString(): string {
      return this.#list.map(([k, v]) => `${formEncode(k)}=${formEncode(v)}`).join('&');
    }
  }

  const parseOrThrow = (url: unknown, base: unknown): Parts => {
    const from = base === undefined ? undefined : parse(String(base), undefined);
    const parts = from === null ? null : parse(String(url), from);
    if (!parts)
      throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: String(url) });
    return parts;
  };

  class GuestURL {
    #url: Parts;
    #params: GuestSearchParams | undefined;
    constructor(url: unknown, base?: unknown) {
      this.#url = parseOrThrow(url, base);
    }
    static canParse(url: unknown, base?: unknown): boolean {
      return GuestURL.parse(url, base) !== null;
    }
    static parse(url: unknown, base?: unknown): GuestURL | null {
      try {
        return new GuestURL(url, base);
      } catch {
        return null;
      }
    }
    get href(): string {
      return print(this.#url);
    }
    set href(text: string) {
      this.#url = parseOrThrow(text, undefined);
      this.#params = undefined;
    }
    get origin(): string {
      const { scheme } = this.#url;
      return special(scheme) && scheme !== 'file' ? `${scheme}://${hostOf(this.#url)}` : 'null';
    }
    get protocol(): string {
      return `${this.#url.scheme}:`;
    }
    set protocol(text: string) {
      const scheme = /^[a-z][a-z0-9+\-.]*/i.exec(String(text))?.[0].toLowerCase();
      if (!scheme || special(scheme) !== special(this.#url.scheme)) return;
      this.#url.scheme = scheme;
      if (this.#url.port === parser.defaultPort(scheme)) this.#url.port = '';
    }
    get username(): string {
      return this.#url.username;
    }
    set username(text: string) {
      if (this.#url.host) this.#url.username = percent(String(text), sets.user);
    }
    get password(): string {
      return this.#url.password;
    }
    set password(text: string) {
      if (this.#url.host) this.#url.password = percent(String(text), sets.user);
    }
    get host(): string {
      return hostOf(this.#url);
    }
    set host(text: string) {
      if (this.#url.opaque === undefined) setHostPort(this.#url, String(text).replace(/[/?#\\].*$/s, ''));
    }
    get hostname(): string {
      return this.#url.host ?? '';
    }
    set hostname(text: string) {
      const host = parseHost(String(text).replace(/[/?#\\].*$/s, ''), special(this.#url.scheme));
      if (host && this.#url.opaque === undefined) this.#url.host = host;
    }
    get port(): string {
      return this.#url.port;
    }
    set port(text: string) {
      const digits = /^\d*/.exec(String(text))?.[0] ?? '';
      if (this.#url.host && (digits || String(text) === '')) setPort(this.#url, digits);
    }
    get pathname(): string {
      return pathOf(this.#url);
    }
    set pathname(text: string) {
      if (this.#url.opaque !== undefined) return;
      this.#url.path = [];
      walk(
        this.#url,
        String(text)
          .replace(/^[/\\]/, '')
          .replaceAll('?', '%3F')
          .replaceAll('#', '%23'),
      );
    }
    get search(): string {
      return this.#url.query ? `?${this.#url.query}` : '';
    }
    set search(text: string) {
      const query = String(text).replace(/^\?/, '');
      this.#url.query =
        query === '' ? null : percent(query, special(this.#url.scheme) ? `${sets.query}'` : sets.query);
      this.#params = undefined;
    }
    get searchParams(): GuestSearchParams {
      this.#params ??= new GuestSearchParams(this.#url.query ?? '', text => {
        this.#url.query = text === '' ? null : text;
      });
      return this.#params;
    }
    get hash(): string {
      return this.#url.fragment ? `#${this.#url.fragment}` : '';
    }
    set hash(text: string) {
      const fragment = String(text).replace(/^#/, '');
      this.#url.fragment = fragment === '' ? null : percent(fragment, sets.fragment);
    }
    toString(): string {
      return this.href;
    }
    toJSON(): string {
      return this.href;
    }
  }

  Object.defineProperty(GuestURL, 'name', { value: 'URL' });
  Object.defineProperty(GuestSearchParams, 'name', { value: 'URLSearchParams' });
  return { URL: GuestURL, URLSearchParams: GuestSearchParams, hostOf: text => parseHost(text, true) ?? '' };
}

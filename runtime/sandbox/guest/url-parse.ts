import type { Addresses } from './addresses.ts';
import type { Codecs } from './codecs.ts';
import type { Punycode } from './punycode.ts';

/** A URL taken apart, as the WHATWG standard has it. */
export interface Parts {
  scheme: string;
  username: string;
  password: string;
  host: string | null;
  port: string;
  path: string[];
  opaque: string | undefined;
  query: string | null;
  fragment: string | null;
}

/** The parser, and what the setters of the URL class need of it. */
export interface UrlParser {
  /** Null when it is no URL. */
  parse(input: string, base: Parts | undefined): Parts | null;
  print(url: Parts): string;
  special(scheme: string): boolean;
  percent(text: string, set: string): string;
  unpercent(text: string): string;
  parseHost(text: string, isSpecial: boolean): string | null;
  setHostPort(url: Parts, text: string): boolean;
  setPort(url: Parts, text: string): boolean;
  /** Appends the segments of a path. */
  walk(url: Parts, text: string): void;
  pathOf(url: Parts): string;
  hostOf(url: Parts): string;
  defaultPort(scheme: string): string | undefined;
  sets: { user: string; fragment: string; query: string };
}

/**
 * Builds the WHATWG URL parser in plain JavaScript (international host names by NFKC, lower case and punycode).
 * Sent to the worker as source text: refers to nothing outside itself.
 */
export function makeUrlParser(codecs: Codecs, punycode: Punycode, addresses: Addresses): UrlParser {
  const { ipv4, ipv6 } = addresses;
  const PORTS: Record<string, string> = {
    __proto__: null as never,
    http: '80',
    https: '443',
    ws: '80',
    wss: '443',
    ftp: '21',
    file: '',
  };
  const special = (scheme: string): boolean => scheme in PORTS;
  const C0 = '';
  const FRAGMENT = ' "<>`';
  const QUERY = ' "#<>';
  const PATH = ' "#<>?`{}^';
  const USER = ' "#<>?`{}^/:;=@[\\]|';

  const percent = (text: string, set: string): string => {
    let out = '';
    for (const char of text) {
      const code = char.codePointAt(0) ?? 0;
      if (code > 0x1f && code < 0x7f && !set.includes(char)) out += char;
      else
        for (const byte of codecs.encode(char))
          out += `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
    }
    return out;
  };
  const unpercent = (text: string): string => {
    if (!text.includes('%')) return text;
    const bytes: number[] = [];
    const raw = codecs.encode(text);
    for (let i = 0; i < raw.length; i++) {
      const hex = String.fromCharCode(raw[i + 1] ?? 0, raw[i + 2] ?? 0);
      if (raw[i] === 37 && /^[0-9a-f]{2}$/i.test(hex)) {
        bytes.push(Number.parseInt(hex, 16));
        i += 2;
      } else bytes.push(raw[i] ?? 0);
    }
    return codecs.decode(Uint8Array.from(bytes));
  };

  /** A host as URLs print it, null when it is not one. */
  const parseHost = (text: string, isSpecial: boolean): string | null => {
    if (text.startsWith('[')) return text.endsWith(']') ? ipv6(text.slice(1, -1)) : null;
    if (!isSpecial) return /[\0\t\n\r #/:<>?@[\\\]^|]/.test(text) ? null : percent(text, C0);
    const domain = unpercent(text)
      .replace(/\u00ad|\u200b|\u2060|\ufeff/g, '')
      .normalize('NFKC')
      .toLowerCase();
    const ascii = punycode.toASCII(domain);
    if (ascii === '' || /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/.test(ascii)) return null;
    const address = ipv4(ascii);
    return address === undefined ? ascii : address;
  };

  const isDrive = (text: string | undefined): boolean => text !== undefined && /^[a-z][:|]$/i.test(text);
  const walk = (url: Parts, text: string): void => {
    const segments = (special(url.scheme) ? text.replaceAll('\\', '/') : text).split('/');
    segments.forEach((segment, i) => {
      const last = i === segments.length - 1;
      const plain = segment.replace(/%2e/gi, '.');
      if (plain === '..') {
        if (!(url.scheme === 'file' && url.path.length === 1 && isDrive(url.path[0]))) url.path.pop();
        if (last) url.path.push('');
      } else if (plain === '.') {
        if (last) url.path.push('');
      } else if (url.scheme === 'file' && url.path.length === 0 && isDrive(segment))
        url.path.push(`${segment.charAt(0)}:`);
      else url.path.push(percent(segment, PATH));
    });
  };

  const setTail = (url: Parts, text: string): string => {
    const hash = text.indexOf('#');
    const before = hash < 0 ? text : text.slice(0, hash);
    if (hash >= 0) url.fragment = percent(text.slice(hash + 1), FRAGMENT);
    const mark = before.indexOf('?');
    if (mark >= 0) url.query = percent(before.slice(mark + 1), special(url.scheme) ? `${QUERY}'` : QUERY);
    return mark < 0 ? before : before.slice(0, mark);
  };

  const setAuthority = (url: Parts, text: string): boolean => {
    const at = text.lastIndexOf('@');
    if (at >= 0) {
      const [name = '', ...rest] = text.slice(0, at).split(':');
      url.username = percent(name, USER);
      url.password = percent(rest.join(':'), USER);
    }
    return setHostPort(url, text.slice(at + 1));
  };
  const setHostPort = (url: Parts, text: string): boolean => {
    const found = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text);
    if (!found) return false;
    const name = found[1] ?? '';
    if (name === '' && (special(url.scheme) || found[2] !== undefined || url.username)) return false;
    const host = name === '' ? '' : parseHost(name, special(url.scheme));
    if (host === null) return false;
    url.host = host;
    return found[2] === undefined || setPort(url, found[2]);
  };
  const setPort = (url: Parts, text: string): boolean => {
    if (Number(text) > 65535) return false;
    const port = text === '' ? '' : String(Number(text));
    url.port = port === PORTS[url.scheme] ? '' : port;
    return true;
  };

  const blank = (scheme: string): Parts => ({
    scheme,
    username: '',
    password: '',
    host: null,
    port: '',
    path: [],
    opaque: undefined,
    query: null,
    fragment: null,
  });

  const parse = (input: string, base: Parts | undefined): Parts | null => {
    const text = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
    const found = /^([a-z][a-z0-9+\-.]*):/i.exec(text);
    if (!found) return base ? relative(text, base) : null;
    const url = blank((found[1] ?? '').toLowerCase());
    const rest = text.slice(found[0].length);
    if (special(url.scheme)) {
      if (base && base.scheme === url.scheme && !/^[/\\]/.test(rest)) return relative(rest, base);
      if (url.scheme === 'file') return file(url, rest);
      return absolute(url, rest.replace(/^[/\\]*/, ''));
    }
    if (rest.startsWith('//')) return absolute(url, rest.slice(2));
    const body = setTail(url, rest);
    if (body.startsWith('/')) walk(url, body.slice(1));
    else url.opaque = percent(body, C0);
    return url;
  };

  const absolute = (url: Parts, rest: string): Parts | null => {
    const before = setTail(url, rest);
    const slash = before.search(special(url.scheme) ? /[/\\]/ : /\//);
    const authority = slash < 0 ? before : before.slice(0, slash);
    if (!setAuthority(url, authority)) return null;
    if (slash >= 0) walk(url, before.slice(slash + 1));
    else if (special(url.scheme)) url.path.push('');
    return url;
  };

  const file = (url: Parts, rest: string): Parts | null => {
    const before = setTail(url, rest).replaceAll('\\', '/');
    url.host = '';
    if (!before.startsWith('//')) {
      walk(url, before.replace(/^\//, ''));
      return url;
    }
    const slash = before.indexOf('/', 2);
    const name = slash < 0 ? before.slice(2) : before.slice(2, slash);
    if (isDrive(name)) {
      walk(url, before.slice(2));
      return url;
    }
    const host = name === '' ? '' : parseHost(name, true);
    if (host === null) return null;
    url.host = host === 'localhost' ? '' : host;
    walk(url, slash < 0 ? '' : before.slice(slash + 1));
    return url;
  };

  const relative = (text: string, base: Parts): Parts | null => {
    if (base.opaque !== undefined) {
      if (!text.startsWith('#')) return null;
      return { ...base, fragment: percent(text.slice(1), FRAGMENT) };
    }
    const slashes = special(base.scheme) ? /^[/\\]{2}/ : /^\/\//;
    const url = { ...blank(base.scheme) };
    if (slashes.test(text))
      return base.scheme === 'file'
        ? file(url, text)
        : absolute(url, special(base.scheme) ? text.replace(/^[/\\]+/, '') : text.slice(2));
    Object.assign(url, {
      username: base.username,
      password: base.password,
      host: base.host,
      port: base.port,
    });
    const before = setTail(url, text);
    if (/^[/\\]/.test(before) && (before.startsWith('/') || special(base.scheme))) {
      walk(url, before.slice(1));
      return url;
    }
    url.path = [...base.path];
    if (before === '') {
      if (url.query === null && !text.startsWith('?')) url.query = base.query;
      return url;
    }
    url.path.pop();
    walk(url, before);
    return url;
  };

  const pathOf = (url: Parts): string => url.opaque ?? url.path.map(segment => `/${segment}`).join('');
  const hostOf = (url: Parts): string => (url.host ?? '') + (url.port && `:${url.port}`);
  const print = (url: Parts): string => {
    const login = url.username || url.password ? `${url.username}${url.password && `:${url.password}`}@` : '';
    const path = pathOf(url);
    const start = url.host !== null ? `//${login}${hostOf(url)}` : path.startsWith('//') ? '/.' : '';
    const query = url.query === null ? '' : `?${url.query}`;
    return `${url.scheme}:${start}${path}${query}${url.fragment === null ? '' : `#${url.fragment}`}`;
  };

  return {
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
    defaultPort: scheme => PORTS[scheme],
    sets: { user: USER, fragment: FRAGMENT, query: QUERY },
  };
}

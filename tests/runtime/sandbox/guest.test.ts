import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { makeAddresses } from '../../../runtime/sandbox/guest/addresses.ts';
import { makeClone } from '../../../runtime/sandbox/guest/clone.ts';
import { makeCodecs } from '../../../runtime/sandbox/guest/codecs.ts';
import { makeHashes } from '../../../runtime/sandbox/guest/hash.ts';
import { makeInspect } from '../../../runtime/sandbox/guest/inspect.ts';
import { makePunycode } from '../../../runtime/sandbox/guest/punycode.ts';
import { makeUrl } from '../../../runtime/sandbox/guest/url.ts';
import { makeUrlParser } from '../../../runtime/sandbox/guest/url-parse.ts';

// What scripts have instead of Node's own must answer as Node's own does: it is the measure here.
const codecs = makeCodecs();
const hashes = makeHashes();
const guest = makeUrl(makeUrlParser(codecs, makePunycode(), makeAddresses()));

test.each(hashes.names)('guest hash - %s is the same as Node’s at every block edge', name => {
  for (const size of [0, 1, 55, 56, 63, 64, 111, 112, 119, 127, 128, 1000]) {
    const text = 'é'.repeat(size >> 1) + 'x'.repeat(size & 1);
    const digest = hashes.digest(name, codecs.encode(text)) ?? new Uint8Array();
    expect(codecs.toHex(digest)).toBe(createHash(name).update(text).digest('hex'));
  }
});

test('guest codecs - UTF-8 and base64 as Node has them', () => {
  for (const text of ['', 'a', 'é', '漢字', '🤘', 'a\0b', '\ud800x', 'x'.repeat(1000)]) {
    const bytes = Buffer.from(text);
    expect(Buffer.from(codecs.encode(text))).toEqual(bytes);
    expect(codecs.decode(bytes)).toBe(bytes.toString());
    expect(codecs.toBase64(bytes)).toBe(bytes.toString('base64'));
    expect(codecs.fromBase64(bytes.toString('base64'))).toEqual(new Uint8Array(bytes));
  }
  expect(() => codecs.decode(new Uint8Array([0xff]), true)).toThrow(TypeError);
  expect(() => codecs.atob('*')).toThrow();
  expect(() => codecs.btoa('漢')).toThrow();
});

const URLS: [string, string?][] = [
  ['https://example.com'],
  ['HTTP://User:Pa%20ss@EXAMPLE.com:80/a/../b/./c?x=1&y=a b#f g'],
  ['https://münchen.de/straße?q=ü#ß'],
  ['/a/b?x', 'http://h.com/c/d?q#z'],
  ['?x', 'http://h.com/c/d?q#z'],
  ['#x', 'http://h.com/c/d?q#z'],
  ['', 'http://h.com/c/d?q#z'],
  ['//other/x', 'https://h.com'],
  ['mailto:a@b.c?subject=x y'],
  ['data:text/plain,hello world'],
  ['http://1.2.3'],
  ['http://0x7f.1/'],
  ['http://[::1]:3000/'],
  ['http://[2001:db8:0:0:1:0:0:1]/'],
  ['http://[::ffff:1.2.3.4]/'],
  ['file:///C:/a/../b'],
  ['javascript:alert(1)'],
  ['http://a b/'],
  ['http://'],
  ['nope'],
  ['http://ex.com:99999/'],
  ['http://ex.com:08080/'],
  ['custom://h/p/../q?x#y'],
  ['http://h/%7Efoo/%zz?%'],
  ['http:\\\\h\\p'],
  ['http://h?q'],
  ['http://h#f'],
  ['../x', 'http://h/a/b/c/'],
  ['http://ex.com/a//b///c'],
  ['http://a@b@c/'],
  ["http://h/?a='b'"],
  ['  http://h/ \n'],
  ['http://h/a\tb'],
  ['https://例え.テスト/パス'],
  ['http:h2', 'http://base/x/y'],
  ['ws://h:80/x'],
  ['a:b'],
  ['http://256.1.1.1'],
  ['http://1.2.3.4.'],
  ['http://h/?utm_source=a%20b+c&utm_medium=é'],
];

test.each(URLS.map(([url, base]) => ({ url, base })))(
  'guest URL - $url against $base is read as Node reads it',
  ({ url, base }) => {
    const read = (Type: unknown): unknown => {
      try {
        const u = new (Type as typeof URL)(url, base);
        return [
          u.href,
          u.origin,
          u.protocol,
          u.username,
          u.password,
          u.host,
          u.hostname,
          u.port,
          u.pathname,
          u.search,
          u.hash,
          [...u.searchParams],
        ];
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(read(guest.URL)).toEqual(read(URL));
  },
);

test.each([
  ['search', '?z=1 2'],
  ['hash', 'x y'],
  ['pathname', 'a b/c?d'],
  ['host', 'n.org:8080'],
  ['hostname', 'q.r'],
  ['port', '443'],
  ['port', 'x'],
  ['protocol', 'http'],
  ['username', 'a:b'],
  ['password', 'p@'],
  ['href', 'http://z/'],
])('guest URL - setting %s to %s does what Node does', (key, value) => {
  const [mine, node] = [new guest.URL('https://h.com:1/p?q#f'), new URL('https://h.com:1/p?q#f')];
  for (const url of [mine, node]) (url as unknown as Record<string, string>)[key] = value;
  expect(mine.href).toBe(node.href);
});

test('guest inspect - never throws, never calls a getter, ends on cycles', () => {
  const inspect = makeInspect();
  const cycle: Record<string, unknown> = { a: 1 };
  cycle.self = cycle;
  const trap = {
    get a() {
      throw new Error('called');
    },
  };
  expect(inspect(cycle)).toBe('{ a: 1, self: [Circular *1] }');
  expect(inspect(trap)).toBe('{ a: [Getter] }');
  expect(inspect([1, 'x', null, undefined, 2n, new Map([[1, 2]]), new Set()])).toBe(
    "[ 1, 'x', null, undefined, 2n, Map(1) { 1 => 2 }, Set(0) {} ]",
  );
});

test('guest structuredClone - copies deeply, keeps cycles, refuses functions', () => {
  const clone = makeClone();
  const value: Record<string, unknown> = {
    d: new Date(0),
    m: new Map([[1, { a: [1] }]]),
    b: new Uint8Array([1, 2]),
  };
  value.self = value;
  const copy = clone(value) as typeof value;
  expect(copy).toEqual(value);
  expect(copy.self).toBe(copy);
  expect(copy.m).not.toBe(value.m);
  expect(() => clone({ f: () => 1 })).toThrow(TypeError);
});

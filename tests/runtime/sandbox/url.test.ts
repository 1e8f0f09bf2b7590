import { afterAll, expect, test } from '@jest/globals';
import { openSandbox, runner, single } from './support.ts';

// The web platform's own data is on no registry; Node passes it, so Node is asked about each input here.
const SCHEMES = [
  ...[
    'https://',
    'HTTP://',
    'http:',
    'http:/',
    'http:///',
    'ws:/',
    'ftp:\\\\',
    'file:',
    'file://',
    'file:///',
  ],
  ...[
    'custom:',
    'custom://',
    'mailto:',
    'data:',
    'blob:https://',
    '',
    '//',
    '/',
    '\\',
    'h\tttp://',
    'ht tp://',
    ' \u0001http://',
  ],
  ...['1:', 'a+b-c.1://'],
];
const HOSTS = [
  ...[
    'example.com',
    'EXAMPLE.com',
    'user:pass@h.com',
    'a@b@c',
    'user@',
    '@h',
    'localhost',
    '',
    '.',
    'h.',
    'a..b',
    '-a-',
    'a_b',
  ],
  ...[
    'h:80',
    'h:443',
    'h:0',
    'h:65536',
    'h:',
    'h:8x',
    'C|',
    'C:',
    'a b',
    'a^b',
    'a|b',
    'a%00b',
    'ex%41mple.com',
    '%zz',
  ],
  ...[
    '1.2.3.4',
    '1.2.3',
    '0x7f.1',
    '1.2.3.4.5',
    '256',
    '4294967295',
    '4294967296',
    '09.1',
    '1..2',
    'a.1',
    'a.0x',
    '１.２',
  ],
  ...[
    '[::1]',
    '[1::2::3]',
    '[::ffff:1.2.3.4]',
    '[1:2:3:4:5:6:7:8]',
    '[1:2:3:4:5:6:7]',
    '[::1%25eth0]',
    '[::1',
  ],
  ...[
    'münchen.de',
    'faß.de',
    'xn--mnchen-3ya.de',
    'xn--',
    'xn--a',
    'a\u00adb.com',
    '\u200dx',
    '日本語.jp',
    '。',
    'a。b',
  ],
  ...['ab--cd.com', '💩.la', 'ا.com', 'aא.com', '\ud800'],
];
const TAILS = [
  ...[
    '',
    '/',
    '/a/b/../c',
    '/./..',
    '/%2e%2E/x',
    '/a b"<>`{}^|',
    '/..//',
    '//x',
    '/%',
    '/C|/x',
    '/C:/../y',
    '\\p\\q',
    ':x',
  ],
  ...[
    '?',
    '#',
    '?q=1',
    '?a b\'"<>#f',
    '#f',
    '#a b"<>`',
    '/é?ü#ß',
    '/a\tb\n',
    ';p,=:@',
    '/\ud800?\udc00#\ud83d',
    '?a+b=%20&c=%zz&&=d',
  ],
];
const BASES = [
  undefined,
  'http://base.com/p/q?r#s',
  'file:///C:/d/e',
  'custom:opaque',
  'custom://h/x/y',
  'data:text,x',
  'no base',
];
/** Each input is one of so many of all combinations. */
const STEP = 7;
const FIELDS = 'href origin protocol username password host hostname port pathname search hash'.split(' ');

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

/** What a function of a list answers in a script and here. It is given to both as text. */
async function both(text: string, lists: unknown[][]) {
  const here = new Function(`return ${text}`)() as (...all: unknown[]) => unknown;
  const told: unknown[] = [];
  for (let at = 0; at < lists.length; at += 500) {
    const script = `const f = ${text}\nreturn { out: $.lists.map(list => f(...list)) }`;
    const event = { lists: lists.slice(at, at + 500) };
    const found = single(await run(script, [event], { timeoutMs: 20_000 })) as { out?: unknown[] };
    if (!found.out) throw new Error(JSON.stringify(found));
    told.push(...found.out);
  }
  const wrong = lists
    .map((list, at) => ({ list, script: told[at], node: here(...list) }))
    .filter(({ script, node }) => script !== node);
  return { count: lists.length, wrong: wrong.slice(0, 10) };
}

test('transform URL - is read as Node reads it, of every kind of scheme, host, path and base', async () => {
  const inputs = SCHEMES.flatMap(scheme => HOSTS.flatMap(host => TAILS.map(tail => scheme + host + tail)))
    .map((url, at) => [url, BASES[Math.floor(at / STEP) % BASES.length] ?? null])
    .filter((_, at) => at % STEP === 0);
  const read = `(url, base) => {
    try { const u = new URL(url, base ?? undefined); return JSON.stringify([${FIELDS.map(name => `u.${name}`)}, [...u.searchParams]]) }
    catch (error) { return error.code + URL.canParse(url, base ?? undefined) }
  }`;
  const { count, wrong } = await both(read, inputs);
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(4_000);
});

test('transform URL - setting each part does what Node does, and the parameters follow', async () => {
  const starts = [
    'https://u:p@h.com:1/p?q#f',
    'http://h',
    'file:///a/b',
    'custom:op?q#f',
    'custom://h/p',
    'mailto:x',
  ];
  const values = [
    ...[
      '',
      'a',
      'http',
      'https:',
      'ftp',
      'file',
      'x y',
      'a/b?c#d',
      '?q',
      '??q',
      '#h',
      '8080',
      '80',
      '443',
      '99999',
      '8x',
      '-1',
    ],
    ...[
      'h.com:81',
      '[::1]:9',
      'user:pw@',
      'ü',
      '/x/../y',
      '\\z',
      '%41',
      'xn--a',
      ' ',
      '\t1',
      'a@b',
      ':80',
      '\ud800',
      "a'b",
      null,
      7,
    ],
  ];
  const set = `(start, name, value) => {
    const u = new URL(start), kept = u.searchParams
    try { u[name] = value } catch (error) { return error.code }
    return [u.href, u.searchParams, u.host, u.search, u.hash].join(' ')
  }`;
  const fields = FIELDS.filter(name => name !== 'origin');
  const lists = starts.flatMap(start => fields.flatMap(name => values.map(value => [start, name, value])));
  expect((await both(set, lists)).wrong).toEqual([]);
});

test('transform URLSearchParams - takes, changes and prints what Node does', async () => {
  const inits = [
    ...[
      '',
      '?',
      '??a',
      'a=1&b=2&a=3',
      'a',
      '=',
      '&&',
      'a=b=c',
      'a+b=%20%zz%',
      'ü=ß&😀=\ud800',
      '~!*()-._\'="\\',
    ],
    ...[
      null,
      5,
      [],
      [
        ['a', 'b'],
        ['a', 1],
      ],
      [['a']],
      [['a', 'b', 'c']],
      { a: 1, b: null, '\udc00': 2 },
      [
        ['b', '2'],
        ['a', '1'],
        ['b', '1'],
      ],
    ],
  ];
  const changes = [
    ...[
      '',
      "p.append('a', 'x y')",
      "p.delete('a')",
      "p.delete('a', '3')",
      "p.set('a', 9)",
      "p.set('new', 'é')",
      'p.sort()',
    ],
    ...[
      "for (const [k] of p) if (k === 'a') p.append('z', p.size)",
      'p.forEach(function (v, k) { this.push(k + v) }, out)',
    ],
    ...[
      "out.push(p.get('a'), p.getAll('a'), p.has('a', '1'), p.has('b', undefined), p.size, [...p.keys()], [...p.values()])",
    ],
  ].map(change =>
    change
      .replace('for (', 'let n = 0; for (')
      .replace("p.append('z', p.size)", "n++ < 5 && p.append('z', p.size)"),
  );
  const read = `(init) => {
    const all = []
    for (const change of [${changes.map(change => `(p, out) => { ${change} }`)}])
      try { const p = new URLSearchParams(init), out = []; change(p, out); all.push([p.toString(), out, [...p]]) }
      catch (error) { all.push(error.code) }
    return JSON.stringify(all)
  }`;
  expect(
    (
      await both(
        read,
        inits.map(init => [init]),
      )
    ).wrong,
  ).toEqual([]);
});

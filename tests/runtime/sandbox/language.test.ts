import { createHash, createHmac } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { openSandbox, runner, single } from './support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

const one = async (
  script: string,
  event: unknown = { event_type: 'page', user: { email: 'a@b.c' } },
  more = {},
) => single(await run(script, [event], more));

test('transform - an event is spread and changed', async () => {
  expect(await one('return {...$, new_field: 1}', { a: 1 })).toEqual({ a: 1, new_field: 1 });
  expect(await one('$.new_field = 2\nreturn $', { a: 1 })).toEqual({ a: 1, new_field: 2 });
  expect(await one('_.x = 3; delete _.a; return _', { a: 1 })).toEqual({ x: 3 });
});

test('transform - one event becomes many', async () => {
  const script = `let events = []
for (const item of $.cart) { events.push({...item, user: $.user, JITSU_TABLE_NAME: 'carts'}) }
return events`;
  const { results } = await run(script, [{ user: 1, cart: [{ id: 1 }, { id: 2 }] }]);
  expect(results[0]?.events).toEqual([
    { id: 1, user: 1, JITSU_TABLE_NAME: 'carts' },
    { id: 2, user: 1, JITSU_TABLE_NAME: 'carts' },
  ]);
});

test.each(['null', 'undefined', 'false', '""', '[]', '[null, false]'])(
  'transform - %s skips the event',
  async value => {
    const { results } = await run(`return ${value}`);
    expect(results).toEqual([{ index: 0, outcome: 'skipped', events: [] }]);
  },
);

test('transform - no return skips the event, and so does an empty script', async () => {
  expect((await run('let x = 1; x++')).results[0]?.outcome).toBe('skipped');
  expect((await run('// nothing')).results[0]?.outcome).toBe('skipped');
});

test.each(['1', '"text"', 'true', '() => 1', '[1]', '[[]]', 'new Date()', 'Symbol()', '10n', '[{}, "x"]'])(
  'transform - a result of %s is an error that says what to return',
  async value => {
    expect(await one(`return ${value}`)).toMatchObject({
      code: 'SCRIPT_ERROR',
      message: expect.stringContaining('Return an object'),
    });
  },
);

test('transform - table name and column types pass through', async () => {
  const script = `({...$, JITSU_TABLE_NAME: $.event_type + 's', __sql_type_at: ["timestamp", "datetime"]})`;
  expect(await one(script, { event_type: 'page' })).toEqual({
    event_type: 'page',
    JITSU_TABLE_NAME: 'pages',
    __sql_type_at: ['timestamp', 'datetime'],
  });
});

test.each([
  ['{...$, a: 1}', { a: 1 }],
  ['({...$, a: 1});', { a: 1 }],
  ['// why\n({a: 1}) // end', { a: 1 }],
  ['/* start */ {a: 1} /* end */ ; ;', { a: 1 }],
  ['$.ok ? {a: 1} : {a: 2}', { a: 2 }],
  ['$.list?.map(function (x) { return x })[0] ?? {a: 3}', { a: 3 }],
  ['await Promise.resolve({a: 4})', { a: 4 }],
  ['Object.assign({}, $, {a: 5})', { a: 5 }],
])('transform - the expression %s is the result', async (script, expected) => {
  expect(await one(script, {})).toEqual(expected);
});

test('transform - a body may start and end with comments', async () => {
  expect(await one('// one\n/* two */\nreturn {a: 1}\n// three')).toEqual({ a: 1 });
  expect(await one('return {a: 1} /* no newline */')).toEqual({ a: 1 });
});

test('transform - sloppy mode: undeclared variables work and do not outlive the event', async () => {
  expect(
    await one(
      'counter = 1; counter++; for (key in {a: 1}) {}; [first, {second}] = [1, {second: 2}]; return {counter, key, first, second}',
    ),
  ).toEqual({ counter: 2, key: 'a', first: 1, second: 2 });
  const { results } = await run('if (typeof seen === "undefined") seen = 0; seen++; return {seen}', [
    {},
    {},
    {},
  ]);
  expect(results.map(result => result.events[0])).toEqual([{ seen: 1 }, { seen: 1 }, { seen: 1 }]);
  expect(await one('with ({a: 7}) { return {a} }')).toEqual({ a: 7 });
  expect(await one('var n = 010; return {n}')).toEqual({ n: 8 });
});

test('transform - the language of the day: optional chaining, templates with emoji, arrows, destructuring, classes, regexes', async () => {
  expect(await one('return {a: $.x?.y?.z ?? "none"}')).toEqual({ a: 'none' });
  expect(await one(`return {t: \`🤘 \${$.event_type} 漢字\`}`)).toEqual({ t: '🤘 page 漢字' });
  expect(await one('const up = s => s.toUpperCase(); return {t: up($.event_type)}')).toEqual({ t: 'PAGE' });
  expect(await one('const {user: {email = "x"}, ...rest} = $; return {email, rest}')).toEqual({
    email: 'a@b.c',
    rest: { event_type: 'page' },
  });
  expect(await one('class P { #n = 1; get n() { return this.#n } }; return {n: new P().n}')).toEqual({
    n: 1,
  });
  expect(await one('const m = /(?<y>\\d{4})/.exec("in 2026"); return {y: m.groups.y}')).toEqual({
    y: '2026',
  });
  expect(
    await one(
      'let out = {}; outer: for (const i of [1,2]) { for (;;) { out.i = i; continue outer } } return out',
    ),
  ).toEqual({ i: 2 });
});

test('transform - helpers are hoisted, errors of own classes keep their name', async () => {
  expect(await one('return f($); function f(e) { return {t: e.event_type} }')).toEqual({ t: 'page' });
  const script =
    'class MyError extends Error { constructor(m) { super(m); this.name = "MyError" } }\nthrow new MyError("no")';
  expect(await one(script)).toMatchObject({ code: 'SCRIPT_ERROR', message: 'MyError: no' });
  expect(
    await one(
      'function T() {}; T.prototype.toString = function () { return "t" }; return {t: String(new T())}',
    ),
  ).toEqual({ t: 't' });
});

test('transform - await at the top level and timers within the deadline', async () => {
  expect(await one('const x = await new Promise(r => setTimeout(() => r(5), 20)); return {x}')).toEqual({
    x: 5,
  });
  expect(
    await one(
      'let n = 0; let t; await new Promise(r => { t = setInterval(() => ++n > 1 && r(), 5) }); clearInterval(t); return {some: n > 1}',
    ),
  ).toEqual({ some: true });
  expect(await one('for await (const x of [Promise.resolve(1)]) return {x}')).toEqual({ x: 1 });
  expect(
    await one('try { await Promise.reject(new Error("e")) } catch (e) { return {m: e.message} }'),
  ).toEqual({ m: 'e' });
  expect(await one('return {all: await Promise.all([1, Promise.resolve(2)])}')).toEqual({ all: [1, 2] });
});

test('transform - an error in a timer fails the event', async () => {
  expect(
    await one('await new Promise(() => { setTimeout(() => { throw new Error("late") }, 5) })'),
  ).toMatchObject({ message: 'Error: late' });
});

test('transform - headers of the request', async () => {
  const event = { __HTTP_CONTEXT__: { headers: { 'x-one': ['1', '2'] } } };
  expect(
    await one('return {one: $context.header("X-One"), none: $context.header("x-none") ?? null}', event),
  ).toEqual({ one: '1', none: null });
  expect(await one('return {none: $context.header("x") === undefined}', {})).toEqual({ none: true });
});

test('transform - destination and variables are globals that cannot be changed', async () => {
  const more = {
    destinationId: 'd1',
    destinationType: 'postgres',
    variables: { region: { eu: true }, limit: 3 },
  };
  expect(await one('return {destinationId, destinationType, region, limit}', {}, more)).toEqual({
    destinationId: 'd1',
    destinationType: 'postgres',
    region: { eu: true },
    limit: 3,
  });
  expect(await one('limit = 4; return $', {}, more)).toMatchObject({
    message: expect.stringContaining('constant'),
  });
  expect(await one('region.eu = false; return region', {}, more)).toEqual({ eu: true });
  await expect(run('$', [{}], { variables: { 'not-a-name': 1 } })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});

test('transform - toSegment', async () => {
  const event = {
    event_type: 'pageview',
    source_ip: '1.2.3.4',
    eventn_ctx: { user: { anonymous_id: 'anon' }, url: 'https://x.y/', utc_time: '2026-01-02T03:04:05Z' },
  };
  expect(await one('return toSegment($)', event)).toMatchObject({
    JITSU_TABLE_NAME: 'pages',
    anonymous_id: 'anon',
    url: 'https://x.y/',
    context_ip: '1.2.3.4',
    sent_at: '2026-01-02T03:04:05.000Z',
    __sql_type_sent_at: ['timestamp'],
  });
});

test('transform - globals: URL, codecs, structuredClone, crypto, $hash', async () => {
  const script = `const u = new URL('https://user@shop.example:8443/a/b?x=1&y=2#h');
u.searchParams.append('z', 'q r');
return { host: u.host, x: u.searchParams.get('x'), href: u.href, b: btoa('hi'), a: atob('aGk='),
  bytes: [...new TextEncoder().encode('é')], text: new TextDecoder().decode(new Uint8Array([195, 169])),
  clone: structuredClone({d: [1, {e: 2}]}), hash: $hash('sha256', 'x'), md5: $hash('md5', 'é'),
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()),
  distinct: crypto.randomUUID() !== crypto.randomUUID(),
  sub: [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('x')))].slice(0, 2) }`;
  expect(await one(script)).toEqual({
    host: 'shop.example:8443',
    x: '1',
    href: 'https://user@shop.example:8443/a/b?x=1&y=2&z=q+r#h',
    b: 'aGk=',
    a: 'hi',
    bytes: [195, 169],
    text: 'é',
    clone: { d: [1, { e: 2 }] },
    hash: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    md5: createHash('md5').update('é').digest('hex'),
    uuid: true,
    distinct: true,
    sub: [0x2d, 0x71],
  });
});

test('transform - require gives what is pure, and names it when asked for more', async () => {
  const script = `const q = require('querystring'), p = require('path'), u = require('node:util'), E = require('events');
const e = new E(); let heard = 0; e.on('x', n => { heard += n }); e.emit('x', 2);
require('assert').strictEqual(1, 1);
return { q: q.parse('a=1&a=2&b=%20').a, s: q.stringify({x: [1, 2]}), p: p.join('/a', '..', 'b'), f: u.format('%s=%d', 'n', 1), heard,
  h: require('crypto').createHmac('sha1', 'k').update('m').digest('hex'), d: new (require('string_decoder').StringDecoder)('utf8').write(Buffer.from('é')),
  ascii: require('punycode').toASCII('mañana.com'), path: require('url').parse('http://a.b/c?d=1').pathname, buf: require('buffer').Buffer.from('hi').toString('base64') }`;
  expect(await one(script)).toEqual({
    q: ['1', '2'],
    s: 'x=1&x=2',
    p: '/b',
    f: 'n=1',
    heard: 2,
    h: createHmac('sha1', 'k').update('m').digest('hex'),
    d: 'é',
    ascii: 'xn--maana-pta.com',
    path: '/c',
    buf: 'aGk=',
  });
  expect(await one('return require("fs")')).toMatchObject({
    message: expect.stringMatching(/not allowed.*crypto, url, querystring/),
  });
});

test('transform - console lines come back with their event', async () => {
  const { logs } = await run(
    'console.log("n", $.n, {a: [1]}); if ($.n === 1) console.error(new Error("bad").message); return $',
    [{ n: 0 }, { n: 1 }],
  );
  expect(logs).toEqual([
    { index: 0, level: 'log', message: 'n 0 { a: [ 1 ] }' },
    { index: 1, level: 'log', message: 'n 1 { a: [ 1 ] }' },
    { index: 1, level: 'error', message: 'bad' },
  ]);
});

test('transform - an error has the lines and columns of the script', async () => {
  expect(await one('const x = 1\nthrow new Error("boom")')).toMatchObject({
    code: 'SCRIPT_ERROR',
    message: 'Error: boom',
    stack: '  at main (2:7)',
  });
  expect(await one('function deep() {\n  null.x\n}\ndeep()')).toMatchObject({
    stack: '  at deep (2:8)\n  at main (4:1)',
  });
  expect(await one('await null;\n\n   $.a.b.c; return $')).toMatchObject({ stack: '  at main (3:8)' });
  expect(await one('({\n  a: $.x.y\n})')).toMatchObject({ stack: '  at main (2:10)' });
  for (const expression of ['unknown($)', 'await unknown', 'unknown.exports = $ => 1'])
    expect(await one(expression)).toMatchObject({ stack: '  at main (1:1)' });
  expect(await one('let a = ;')).toMatchObject({
    code: 'SCRIPT_ERROR',
    message: 'SyntaxError: Unexpected token (1:9)',
    stack: '  at main (1:9)',
  });
});

test("transform - one event's error costs only that event", async () => {
  const { results } = await run('if ($.n === 1) throw new Error("no"); return $', [
    { n: 0 },
    { n: 1 },
    { n: 2 },
  ]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['ok', 'error', 'ok']);
});

test('transform - each limit is named', async () => {
  const limits = { eventsOut: 2, resultBytes: 100, logLines: 2, logBytes: 50, kvOperations: 1 };
  expect(await one('return [{}, {}, {}]', {}, { limits })).toMatchObject({ limit: 'events_out' });
  expect(await one('return {a: "x".repeat(200)}', {}, { limits })).toMatchObject({ limit: 'result_bytes' });
  const { logs } = await run('for (let i = 0; i < 10; i++) console.log(i); return $', [{}], { limits });
  expect(logs.map(({ message }) => message)).toEqual(['0', '1', expect.stringContaining('limit')]);
});

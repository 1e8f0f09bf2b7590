import { afterAll, expect, test } from '@jest/globals';
import { memoryStore, openSandbox, runner, single } from './support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

const one = async (script: string, event: unknown = { n: 1 }, more = {}) =>
  single(await run(script, [event], more));

test.each<[what: string, script: string, event: object, made: unknown]>([
  [
    'export default',
    'export default function (event) { return { ...event, a: 1 } }',
    { n: 1 },
    { n: 1, a: 1 },
  ],
  ['a named default', 'export default async function f(event) { return { a: f.name } }', {}, { a: 'f' }],
  ['a default arrow', 'export default event => ({ a: event.n + 1 })', { n: 1 }, { a: 2 }],
  ['a default declared before', 'const f = async e => ({ a: e.n }); export default f', { n: 3 }, { a: 3 }],
  [
    'export { f as default }',
    'function f(e) { return { a: e.n } }\nexport { f as default }',
    { n: 3 },
    { a: 3 },
  ],
  [
    'export function transform',
    'export async function transform(event) { return { a: event.n } }',
    { n: 4 },
    { a: 4 },
  ],
  [
    'export const transform',
    'export const transform = (e, { props }) => ({ ...e, r: props.region })',
    {},
    { r: 'eu' },
  ],
  ['a bare arrow', '(event, { log }) => ({ a: event.n })', { n: 5 }, { a: 5 }],
  ['a bare async function', 'async function (event) { return { a: event.n } }', { n: 5 }, { a: 5 }],
  ['a lone function transform', 'function transform(e) { return { a: e.n } }', { n: 6 }, { a: 6 }],
  ['a default class is none', 'export default class { }', {}, { code: 'SCRIPT_ERROR' }],
  ['a default in parentheses', 'export default (async e => ({ a: e.n }))', { n: 3 }, { a: 3 }],
  [
    'a default in parentheses of a type',
    'export default ((e: any) => ({ a: e.n })) as unknown as Function;\nconst b = 1',
    { n: 3 },
    { a: 3 },
  ],
  ['a default that is called', 'export default (() => e => ({ a: e.n }))()', { n: 3 }, { a: 3 }],
  [
    'a default with comments and lines before it',
    'export /* x default */ // default\ndefault\n/* y */ (e => ({ a: e.n }))',
    { n: 3 },
    { a: 3 },
  ],
  ['types behind a byte order mark', '\ufeffexport default (e: any) => ({ a: e.n })\r\n', { n: 3 }, { a: 3 }],
  [
    'types behind a comment on its line',
    '/* mine */ export default (e: any) => ({ a: e.n })',
    { n: 3 },
    { a: 3 },
  ],
  ['types behind a directive', "'use strict'; export default (e: any) => ({ a: e.n })", { n: 3 }, { a: 3 }],
  [
    'types that are imported as values',
    `import { JitsuFunction, FullContext as Context } from '@jitsu/protocols/functions'
     import { RetryError, TTLStore } from "@jitsu/functions-lib"
     import Event from './event'
     import { Other } from './Event'
     import { Event as E } from './Other'
     import * as all from 'types'
     /** A JitsuFunction of 'Other', no Context. */
     const f: JitsuFunction<Event, all.Any> = async (event: E & Other, context: Context) => ({ ...event, t: typeof RetryError })
     export default f`,
    { n: 3 },
    { n: 3, t: 'function' },
  ],
  [
    'an import of a script without types, used or not',
    "import { x } from 'nowhere'\nexport default e => e",
    {},
    { code: 'SCRIPT_ERROR' },
  ],
  ['await at the top', 'const x = await Promise.resolve(7)\nexport default () => ({ x })', {}, { x: 7 }],
  [
    'helpers and constants',
    'export const K = 2\nconst up = e => e.n * K\nexport default e => ({ a: up(e) })',
    { n: 4 },
    { a: 8 },
  ],
  [
    'variables as globals',
    'export default () => ({ region, d: destinationId })',
    {},
    { region: 'eu', d: 'w' },
  ],
  ['strict mode', 'export default () => { undeclared = 1; return {} }', {}, { code: 'SCRIPT_ERROR' }],
  ['a module without handlers', 'export const a = 1', {}, { code: 'SCRIPT_ERROR' }],
])('transform module - %s', async (_what, script, event, made) => {
  // What takes types out is loaded with the first script that has some.
  const more = { variables: { region: 'eu' }, destinationId: 'w', timeoutMs: 20_000 };
  const given = await one(script, event, more);
  const isError = 'code' in (made as object);
  if (isError) expect(given).toMatchObject(made as object);
  else expect(given).toEqual(made);
});

test.each<[result: string, made: unknown[]]>([
  ['undefined', [{ n: 1, big: 1 }]],
  ['null', []],
  ['false', []],
  ['"drop"', []],
  ['[]', []],
  ['[{ a: 1 }, { a: 2 }]', [{ a: 1 }, { a: 2 }]],
])('transform module - a result of %s', async (result, made) => {
  const script = `export default event => { event.changed = true; return ${result} }`;
  const { results } = await run(script, [{ n: 1, big: 1 }]);
  expect(results[0]?.events).toEqual(made);
});

test('transform module - what Jitsu gives its functions', async () => {
  const store = memoryStore();
  const script = `
    export default async function (event, { log, store, props, headers, destination, ...rest }) {
      log.info('seen %s', event.id)
      log.warn({ a: 1 })
      const before = await store.get('k')
      await store.set('k', { n: 1 }, { ttl: '7d' })
      const ttl = await store.ttl('k')
      return { before, ttl, region: props.region, agent: headers['user-agent'], to: destination.id, rest: 'geo' in rest }
    }`;
  const event = { id: 'x', __HTTP_CONTEXT__: { headers: { 'user-agent': 'UA' } } };
  const result = await run(script, [event], {
    kv: store.kv,
    variables: { region: 'eu' },
    destinationId: 'w',
  });
  expect(single(result)).toEqual({ ttl: 604_800, region: 'eu', agent: 'UA', to: 'w', rest: true });
  expect(result.logs.map(({ level, message }) => [level, message])).toEqual([
    ['info', 'seen x'],
    ['warn', '{ a: 1 }'],
  ]);
  expect(store.read('k')).toEqual({ n: 1 });
});

test.each([
  ["'2 hours'", 7_200],
  ["'1d 2h'", 93_600],
  ["'1500ms'", 2],
  ["'2 months'", 5_259_600],
  ["'1mo'", 2_629_800],
  ["'1y'", 31_557_600],
  ["{ ttl: '2 Weeks' }", 1_209_600],
  ["'inf'", -1],
  ["'of no sense'", 2_678_400],
])("transform module - a time to live of Jitsu's store, %s", async (ttl, seconds) => {
  const script = `export default async (event, { store }) => { await store.set('k', 1, ${ttl}); return { ttl: await store.ttl('k') } }`;
  expect(single(await run(script, [{}], { kv: memoryStore().kv }))).toEqual({ ttl: seconds });
});

test('transform module - RudderStack: transformEvent, metadata, log, a batch', async () => {
  const events = [
    { messageId: 'a', n: 1 },
    { messageId: 'b', n: 2 },
  ];
  const each = await run(
    `export function transformEvent(event, metadata) {
      log('source', metadata(event).sourceId)
      if (event.n === 2) return
      return { ...event, from: metadata(event).sourceId, id: metadata(event).messageId }
    }`,
    events,
    { variables: { sourceId: 's1' } },
  );
  expect(each.results.map(result => result.events)).toEqual([
    [{ messageId: 'a', n: 1, from: 's1', id: 'a' }],
    [],
  ]);
  expect(each.logs[0]?.message).toBe('source s1');
  const script =
    'export function transformBatch(events) { return [{ sum: events.reduce((s, e) => s + e.n, 0) }] }';
  expect(await sandbox.kindOf(script)).toBe('rudder-batch');
  const all = await run(script, events, { batch: true });
  expect(all.results.map(result => result.events)).toEqual([[{ sum: 3 }], []]);
  const failed = await run('export function transformBatch() { throw new Error("no") }', events, {
    batch: true,
  });
  expect(failed.results.map(({ index, error }) => [index, error?.message])).toEqual([
    [0, 'Error: no'],
    [1, 'Error: no'],
  ]);
});

test('transform module - Segment: a function for each type of event', async () => {
  const script = `
    async function onTrack(event, settings) { return { ...event, key: settings.apiKey } }
    async function onIdentify(event) { throw new EventNotSupported('identify is not supported') }
    function onPage(event) { throw new DropEvent('no pages') }
    function onGroup(event) { throw new ValidationError('group needs a name') }`;
  const events = ['track', 'identify', 'page', 'group', 'alias'].map(type => ({ type }));
  const { results } = await run(script, events, { variables: { settings: { apiKey: 'k' } } });
  expect(results.map(({ events: made, error }) => error?.message ?? made)).toEqual([
    [{ type: 'track', key: 'k' }],
    [],
    [],
    'ValidationError: group needs a name',
    [{ type: 'alias' }],
  ]);
  expect(await sandbox.check(script)).toBeUndefined();
});

test('transform module - a handler that is alone in its script is called as its name says, exported or not', async () => {
  const events = ['track', 'page'].map(type => ({ type }));
  const variables = { settings: { apiKey: 'k' }, metadata: { sourceId: 's1' } };
  const made = async (script: string) =>
    (await run(script, events, { variables })).results.map(result => result.error?.message ?? result.events);
  const onTrack = 'async function onTrack(event, { apiKey }) { return { ...event, apiKey } }';
  const tracked = [[{ type: 'track', apiKey: 'k' }], [{ type: 'page' }]];
  for (const script of [onTrack, `${onTrack};\n`, `// Mine.\n${onTrack}`, `export ${onTrack}`]) {
    expect(await made(script)).toEqual(tracked);
  }
  expect(await made('function onPage() {}')).toEqual([[{ type: 'track' }], []]);
  const transformEvent =
    'function transformEvent(event, metadata) { return { from: metadata(event).sourceId } }';
  expect(await made(transformEvent)).toEqual(events.map(() => [{ from: 's1' }]));
  expect(await sandbox.kindOf('function transformBatch(events) { return events }')).toBe('rudder-batch');
  expect(await sandbox.kindOf('function transform(event) {}')).toBe('default');
  // An expression, by whatever name, is a function of Jitsu's.
  for (const script of [
    '(function onPage() {})',
    '/* Mine. */ (function onPage() {})',
    'function other() {}',
  ]) {
    expect(await made(script)).toEqual(events.map(event => [event]));
  }
});

test('transform chain - each event goes through all scripts, in one transaction', async () => {
  const store = memoryStore();
  const result = await sandbox.run({
    scripts: [
      'await $kv.incr("n"); return [{ ...$, a: 1 }, { ...$, a: 2 }]',
      'export default (event, { log }) => { if (event.a === 1) return; return { ...event, b: true } }',
      '$.a === 3 ? null : $',
    ],
    events: [{ n: 1 }],
    namespace: 'test',
    kv: store.kv,
  });
  expect(result.results[0]?.events).toEqual([
    { n: 1, a: 1 },
    { n: 1, a: 2, b: true },
  ]);
  const failed = await sandbox.run({
    scripts: ['await $kv.incr("n"); return $', '\n  throw new Error("second")'],
    events: [{ n: 1 }],
    namespace: 'test',
    kv: store.kv,
  });
  expect(failed.results[0]?.error).toMatchObject({
    message: 'Error: second',
    stack: expect.stringContaining('script 2:2:9'),
  });
  expect(store.read('n')).toBe(1);
});

test.each([
  ['an enum', 'const a = 1\nenum Kind { A }\nexport default e => e', 2, 1, 'Write an object'],
  ['an enum that is exported', 'export enum Kind { A }\nexport default e => e', 1, 8, 'Write an object'],
  ['an enum in a function body', '\n enum Kind { A }\nreturn {}', 2, 2, 'Write an object'],
  ['a namespace', 'namespace N { export const a = 1 }\nexport default e => e', 1, 1, 'plain functions'],
  ['a parameter property', 'class A { constructor(private x: number) {} }\nreturn $', 1, 31, 'set it in the'],
  ['import =', "import fs = require('fs')\nexport default e => e", 1, 1, 'import x from'],
])('transform - %s is refused at its place, with the way out', async (_what, script, line, column, way) => {
  expect(await sandbox.check(script)).toEqual({ line, column, message: expect.stringContaining(way) });
});

test('transform library - imported by scripts and by other libraries, with errors at their own lines', async () => {
  const libraries = {
    'lib:math@3':
      'import { two } from "lib:two@1"\nexport const double = x => x * two\nexport default { double }',
    'lib:two@1': 'export const two = 2',
    'lib:bad@1': 'export function fail(e) {\n  return e.user.name\n}',
  };
  const script = `import math, { double } from 'lib:math@3'
import * as all from "lib:math@3"
export default e => ({ a: double(e.n), b: math.double(2), c: Object.keys(all).sort() })`;
  expect(await one(script, { n: 4 }, { libraries })).toEqual({ a: 8, b: 4, c: ['default', 'double'] });
  expect(await one('import { fail } from "lib:bad@1"\nexport default fail', {}, { libraries })).toMatchObject(
    {
      stack: expect.stringContaining('fail (lib:bad@1:2:17)'),
    },
  );
  expect(await one('import x from "lib:none@1"\nexport default x', {}, { libraries })).toMatchObject({
    message: expect.stringContaining("no library 'lib:none@1'"),
  });
  expect(
    await one(
      'import { createHash } from "node:crypto"\nexport default () => ({ a: createHash("md5").update("a").digest("hex") })',
    ),
  ).toEqual({
    a: '0cc175b9c0f1b6a831c399e269772661',
  });
});

test.each([
  ['new Map([[1, 2]])', 'Map'],
  ['{ tags: new Set([1]) }', '/tags is a Set'],
  ['{ a: { b: [Promise.resolve(1)] } }', '/a/b/0 is a Promise: await it'],
  ['[{ e: new Error("x") }]', 'Error'],
])('transform - a result of %s is an error that says so', async (value, words) => {
  expect(await one(`return ${value}`)).toMatchObject({
    code: 'SCRIPT_ERROR',
    message: expect.stringContaining(words),
  });
  expect(await one('return { a: {}, b: [{}] }')).toEqual({ a: {}, b: [{}] });
});

test.each<[what: string, script: string, made: object]>([
  [
    'dayjs with a plugin and a locale',
    `import dayjs from 'dayjs'
    import utc from 'dayjs/plugin/utc'
    import 'dayjs/locale/de.js'
    dayjs.extend(utc); dayjs.locale('de')
    export default () => ({ a: dayjs.utc('2026-03-01T12:00:00Z').add(1, 'day').format('D. MMMM YYYY') })`,
    { a: '2. März 2026' },
  ],
  [
    'dayjs of another event, which knows nothing of that',
    `import dayjs from 'dayjs'
    export default () => ({ a: dayjs('2026-03-01').format('MMMM'), utc: typeof dayjs.utc })`,
    { a: 'March', utc: 'undefined' },
  ],
  [
    'lodash under both names',
    `import _, { groupBy, camelCase } from 'lodash-es'
    import get from 'lodash/get'
    import lodash from 'lodash'
    export default () => ({ a: groupBy([1.2, 1.8, 2.1], Math.floor), b: camelCase('Foo Bar'), c: get({ x: [{ y: 3 }] }, 'x[0].y'),
      d: _.chain([3, 1, 2]).sortBy().map(n => n * 2).value(), e: lodash.merge({ a: 1 }, { b: 2 }) })`,
    { a: { 1: [1.2, 1.8], 2: [2.1] }, b: 'fooBar', c: 3, d: [2, 4, 6], e: { a: 1, b: 2 } },
  ],
  [
    'uuid',
    `import { v5, v4, validate, version } from 'uuid'
    export default () => ({ a: v5('kvflow', v5.URL), b: validate(v4()), c: version(v4()) })`,
    { a: 'ce6f3868-a7cb-5637-a19d-1e363b33bf2e', b: true, c: 4 },
  ],
  [
    'a parser of user agents',
    `import { UAParser } from 'ua-parser-js'
    export default event => ({ a: new UAParser(event.ua).getBrowser().name, b: UAParser(event.ua).os.name })`,
    { a: 'Firefox', b: 'Linux' },
  ],
  [
    'the public suffix list',
    `import { parse, getDomain } from 'tldts'
    export default () => ({ a: getDomain('https://www.shop.example.co.uk/x'), b: parse('a.b.github.io').publicSuffix })`,
    { a: 'example.co.uk', b: 'io' },
  ],
])('transform packages - %s', async (_what, script, made) => {
  const ua = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
  expect(await one(script, { ua })).toEqual(made);
});

test('transform packages - nothing of one event is left in a package for the next', async () => {
  const script = `import _ from 'lodash'
  export default () => { const before = _.stain ?? null; try { _.stain = 1 } catch {} try { _.prototype.map = 1 } catch {}
    return { before, map: typeof _.prototype.map } }`;
  const { results } = await run(script, [{}, {}]);
  expect(results.map(({ events }) => events[0])).toEqual([
    { before: null, map: 'function' },
    { before: null, map: 'function' },
  ]);
});

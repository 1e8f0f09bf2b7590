import { afterAll, expect, test } from '@jest/globals';
import { toJsonLines } from '../../../runtime/core/json-lines.ts';
import type { RawLines } from '../../../runtime/core/scripts.ts';
import { DEFAULT_LIMITS } from '../../../runtime/sandbox/host/limits.ts';
import { readRecord } from '../../../runtime/sandbox/host/records.ts';
import { eventually } from '../../support/eventually.ts';
import { runsBothWays, toLines } from './both-ways.ts';
import { memoryStore, openSandbox } from './support.ts';

const sandbox = openSandbox();
afterAll(() => sandbox.close());
const bothWays = runsBothWays(sandbox);
/** Lines as they come. */
const toRawLines = (texts: string[]): RawLines => ({
  bytes: Buffer.from(texts.join('\n')),
  count: texts.length,
});
const run = (script: string, texts: string[]) =>
  sandbox.run({ script, lines: toLines(texts), namespace: 'texts' });

test('texts - events come as JSON and leave as JSON, each on one line', async () => {
  const texts = [
    '{"n":1,"s":"a\\nb"}',
    ' { "n" : 2, "s": "日本 \\ud800 😀" } ',
    '{"n":3,"__proto__":{"x":1}}',
  ];
  const { results } = await run('return $', texts);
  expect(results.map(result => result.texts)).toEqual(texts.map(text => [JSON.stringify(JSON.parse(text))]));
  expect(results.map(({ events, outcome }) => [events, outcome])).toEqual(texts.map(() => [[], 'ok']));
});

test('texts - one to many, none, and an event that fails', async () => {
  const script = 'if ($.bad) throw new Error("no"); return $.list.map(n => ({ n }))';
  const { results } = await run(script, ['{"list":[1,2]}', '{"list":[]}', '{"bad":true}']);
  expect(results).toMatchObject([
    { outcome: 'ok', texts: ['{"n":1}', '{"n":2}'] },
    { outcome: 'skipped', texts: [] },
    { outcome: 'error', texts: [], error: { code: 'SCRIPT_ERROR', message: 'Error: no' } },
  ]);
});

test.each([
  ['no JSON', 'nothing'],
  ['a number', '5'],
  ['an array', '[{}]'],
  ['cut off', '{"a":'],
  ['two objects', '{}{}'],
  ['more than one element', '{},{}'],
  ['an end of the frame', '{}],"s":1,"e":[{}'],
  ['empty', ''],
])('texts - an event that is %s costs only itself, and reaches no other one', async (_name, text) => {
  const { results } = await run('return { saw: $ }', ['{"n":1}', text, '{"n":2}']);
  expect(results).toMatchObject([
    { texts: ['{"saw":{"n":1}}'] },
    { outcome: 'error', texts: [], error: { code: 'INVALID_INPUT' } },
    { texts: ['{"saw":{"n":2}}'] },
  ]);
});

test.each(['\n', '\r\n', '\n\n', '\n \u00a0\n'])('texts - lines with %j between them', async between => {
  const lines = toJsonLines(['{"n":1}', '{"n":2}', '{"n":3}'].join(between) + between);
  const { results } = await sandbox.run({ script: 'return $', lines, namespace: 'texts' });
  expect(results.map(({ texts }) => texts)).toEqual([['{"n":1}'], ['{"n":2}'], ['{"n":3}']]);
});

test('texts - an event in the middle that is refused leaves the others in their places', async () => {
  const lines = toJsonLines('{"n":1}\n[2]\n{"n":3}\n');
  const { results } = await sandbox.run({ script: 'return $', lines, namespace: 'texts' });
  expect(results.map(({ texts }) => texts)).toEqual([['{"n":1}'], [], ['{"n":3}']]);
});

test('texts - lone surrogates that leave unescaped keep every length', async () => {
  const script = 'return [{ raw: JSON.rawJSON(\'"\\ud800\\ud800"\') }, { after: "ü" }]';
  const { results } = await run(script, ['{}']);
  expect(results[0]?.texts?.map(text => JSON.parse(text))).toEqual([{ raw: '\ufffd\ufffd' }, { after: 'ü' }]);
});

test.each(['{"a":1}\n{"b":2}', '{\r"a":1}', '{"a":', '[1]', 'null', '1', '{"a":1},{"b":2}'])(
  'texts - a record with the text %j is refused, whoever wants it as text',
  text => {
    for (const asText of [true, false]) {
      const options = { limits: DEFAULT_LIMITS, asText, spend: () => undefined };
      expect(readRecord([1, 0, [text]], options)).toBeUndefined();
    }
  },
);

const MANY = Array.from({ length: 250 }, (_, n) => JSON.stringify({ n, pad: 'é'.repeat(n % 7) }));

test.each([
  ['one of each', 'return { ...$, m: 1 }', 3],
  ['as they came', 'return $', 3],
  ['none, one and two', 'return $.n % 3 === 0 ? null : $.n % 3 === 1 ? $ : [$, { twice: $.n }]', 3],
  ['nothing at all', 'return null', 3],
])(
  'texts - many events run in one go become what they become one by one: %s',
  async (_name, script, blocks) => {
    const results = await bothWays(script, MANY);
    // The lines of a block come with its first event.
    const withLines = results.filter(({ joined }) => joined !== undefined).length;
    expect(withLines).toBe(blocks);
  },
);

test.each([
  ['one that fails', 'if ($.n === 120) throw new Error("no"); return $'],
  ['one that logs', 'if ($.n === 120) globalThis["cons" + "ole"]?.["l" + "og"]("x"); return $'],
  ['a promise', 'return $.n === 120 ? (x => ({ ["th" + "en"](go) { go(x) } }))($) : $'],
  ['no event', 'return $.n === 120 ? new Map() : $'],
  ['too much', 'return $.n === 120 ? { x: "x".repeat(1.5e6) } : $'],
  ['much', 'return { x: "x".repeat(2e4) }'],
  ['a syntax error', 'return {'],
  ['no return', 'const a = $.n'],
])(
  'texts - many events run in one go become what they become one by one, where there is %s',
  async (_, script) => {
    await bothWays(script, MANY);
  },
);

/** What JSON can be written as in more than one way, or is written in another way than it is read. */
const ODD = [
  '{"n":-0,"big":12345678901234567890,"small":1e-7,"same":1,"same":2}',
  '{"__proto__":{"a":1},"constructor":2,"1":"b","0":"a"}',
  '{"text":"\\ud800 \\u0000 \\u2028 日本 😀 \\"\\\\ },{ \\n","é":"é","":[]}',
  '{"list":[{"a":[[],[{}]]},{"b":null},true,false,1.5e300],"empty":{}}',
];
const ODD_MANY = MANY.flatMap((text, at) => [text, ODD[at % ODD.length] ?? '']);

test.each([
  ['the same value', 'return $'],
  ['a copy', 'return {...$, m: -0}'],
  ['some and none', 'return $.n === undefined ? [$, null, {...$}] : $.n % 2 ? "" : [$]'],
  ['what grows', 'return {...$, x: "x".repeat(10 * ($.n ?? 0))}'],
  ['wide characters now and then', 'return $.n % 50 ? $ : {...$, x: "日本".repeat(100)}'],
  ['JSON of its own making', 'return { n: $.n, toJSON(key) { return { key, n: [this.n] } } }'],
  ['JSON of its own making once', 'return $.n === 120 ? { toJSON: key => ({ key }) } : $'],
  ['JSON that is none of an event', 'return $.n === 120 ? new Date(0) : $'],
  ['digits of its own', 'return {...$, big: JSON.rawJSON("12345678901234567890")}'],
  ['what is no JSON within an event', 'return $.n === 120 ? { within: [new Set([1])] } : {...$, none: {}}'],
  ['a list within a list', 'return $.n === 120 ? [[$]] : $'],
  ['too many', 'return $.n === 120 ? Array(1001).fill({}) : $'],
  ['what is nested deeply', 'let a = {}; for (let i = 1; i < 1000; i++) a = { a }; return $.n === 7 ? a : $'],
  [
    'what is nested too deeply',
    'let a = {}; for (let i = 0; i < 1000; i++) a = { a }; return $.n === 7 ? a : $',
  ],
  ['a getter that throws', 'return $.n === 120 ? { get a() { throw new Error("a") } } : $'],
  ['a circle', 'const a = {}; a.a = a; return $.n === 120 ? a : $'],
  ['what is kept as it came', 'export default $ => $.n % 7 ? {...$} : undefined'],
  ['what is all kept as it came', 'export default $ => undefined'],
  [
    'a list that has methods of its own',
    'class L extends Array { every() { return true } } return L.of($, {})',
  ],
  [
    'a getter that logs',
    'export default ($, c) => ({ ...$, get x() { if ($.n === 120) c["l" + "og"].info("x") } })',
  ],
  ['what is left out', 'export default $ => $.n % 7 ? {...$} : "drop"'],
])('texts - lists of many events are what they are one by one, where there is %s', async (_name, script) => {
  await bothWays(script, ODD_MANY);
  // A worker knows the script now, and what comes of it.
  await bothWays(script, ODD_MANY);
});

test('texts - results that are much larger than those before them end no worker', async () => {
  await using own = openSandbox();
  const script = 'return $.n < 50 ? {} : Array($.n < 52 ? 1 : 1000).fill({ x: "x".repeat(1e6) })';
  await runsBothWays(own)(script, MANY.slice(0, 60));
  expect(own.stats().killed).toEqual({ time: 0, memory: 0, protocol: 0, ended: 0 });
});

test('texts - a result that is too large among many is refused alone, where little is allowed', async () => {
  const script = 'return {...$, x: "x".repeat($.n)}';
  const request = { script, lines: toLines(MANY), namespace: 'texts', limits: { resultBytes: 200 } };
  const { results } = await sandbox.run({ ...request, joined: true });
  const refused = results.filter(({ outcome }) => outcome === 'error');
  expect(refused[0]?.error).toMatchObject({ code: 'SCRIPT_ERROR', limit: 'result_bytes' });
  const isLarge = (text: string, n: number) =>
    JSON.stringify({ ...JSON.parse(text), x: 'x'.repeat(n) }).length > 200;
  expect(refused.map(({ index }) => index)).toEqual([...MANY.keys()].filter(n => isLarge(MANY[n] ?? '', n)));
});

/** The same as a run of lines, and whether it goes on. */
async function byLines(script: string, texts: string[], timeoutMs = 10_000) {
  const lineRun = sandbox.openLines({ script, namespace: 'texts', timeoutMs });
  const made = await lineRun?.run(toRawLines(texts));
  return {
    made: made && { text: Buffer.from(made.text).toString(), count: made.count },
    isOpen: lineRun?.isOpen(),
  };
}

test.each([
  ['one of each', 'return { ...$, m: "é" }'],
  ['none, one and two', 'return $.n % 3 === 0 ? null : $.n % 3 === 1 ? $ : [$, { twice: $.n }]'],
  ['nothing at all', 'return null && 1'],
])(
  'texts - lines of which there is nothing to tell become what their events become: %s',
  async (_name, script) => {
    const { results } = await run(script, MANY);
    const texts = results.flatMap(({ texts: own = [] }) => own);
    // A block that the machine kept waiting is given back.
    await eventually(async () => {
      const { made, isOpen } = await byLines(script, MANY);
      expect(made).toEqual({ text: texts.map(text => `${text}\n`).join(''), count: texts.length });
      expect(isOpen).toBe(true);
    });
  },
);

test.each([
  ['an event that fails', 'if ($.n === 120) throw new Error("no"); return $ ', MANY],
  ['too much', 'return $.n === 120 ? { x: "x".repeat(1.5e6) } : $ ', MANY],
  ['an event that ends its worker', 'if ($.n === 120) for (;;); return $ ', MANY],
  ['an event that is no JSON', 'return { $ } ', [...MANY, '{"n":']],
  ['a line that is no object', 'return { $ } ', [...MANY, '[1]', ...MANY]],
  ['an empty line', 'return { $ } ', [...MANY, '', ...MANY]],
  ['an empty line at the end', 'return { $ } ', [...MANY, '']],
])('texts - lines of which there is something to tell come to nothing: %s', async (_name, script, texts) => {
  expect((await byLines(script, texts, 100)).made).toBeUndefined();
});

test('texts - what lines become stays as it is until it is given back, whatever is run meanwhile', async () => {
  const lineRun = sandbox.openLines({ script: 'return { ...$ } ', namespace: 'texts', timeoutMs: 10_000 });
  const linesOf = (at: number) =>
    Array.from(
      { length: 1 + ((at * 37) % 150) },
      (_, n) => `{"at":${at},"n":${n},"pad":"${'é'.repeat(at)}"}`,
    );
  const kept: { at: number; text: Uint8Array; release?: () => void }[] = [];
  const isWhole = ({ at, text }: (typeof kept)[number]) =>
    Buffer.from(text).toString() === `${linesOf(at).join('\n')}\n`;
  for (let at = 0; at < 200; at += 4) {
    const some = [at, at + 1, at + 2, at + 3];
    const made = await Promise.all(some.map(one => lineRun?.run(toRawLines(linesOf(one)))));
    for (const [place, one] of made.entries()) if (one) kept.push({ at: at + place, ...one });
    // A busy machine has blocks given back.
    for (const one of kept) expect(isWhole(one)).toBe(true);
    for (const { release } of kept.splice(0, 3)) release?.();
  }
  expect(kept.length).toBeGreaterThan(10);
});

test('texts - lines run as often at once as keeps all workers busy that may be at it', async () => {
  await using own = openSandbox({ maxPerNamespace: 10 });
  const widthOf = (one: typeof sandbox) => one.openLines({ script: 'return $', namespace: 'texts' })?.width;
  expect(widthOf(own)).toBe(20);
  expect(widthOf(sandbox)).toBeGreaterThanOrEqual(8);
});

test('texts - lines that are no UTF-8 come to nothing', async () => {
  const lineRun = sandbox.openLines({ script: 'return { $ } ', namespace: 'texts', timeoutMs: 10_000 });
  const bytes = Buffer.from('{"a":"é"}', 'latin1');
  expect(await lineRun?.run({ bytes, count: 1 })).toBeUndefined();
});

test('texts - a script whose lines come to nothing again and again is not run so any more', async () => {
  const script = 'if ($.n >= 0) throw new Error("never"); return $';
  const lineRun = sandbox.openLines({ script, namespace: 'texts', timeoutMs: 10_000 });
  await eventually(async () => {
    expect(await lineRun?.run(toRawLines(MANY))).toBeUndefined();
    expect(lineRun?.isOpen()).toBe(false);
  });
  expect(sandbox.openLines({ script, namespace: 'texts' })).toBeUndefined();
});

test.each([
  'return $kv.get("a")',
  'console.log($); return $',
  'return fetch("http://x")',
  'import x from "lib:x"; export default x',
])('texts - no run of lines for what may leave something behind: %s', script => {
  expect(sandbox.openLines({ script, namespace: 'texts' })).toBeUndefined();
});

test('texts - of many lines each is an event of its own, whatever stands between them', async () => {
  const odd = [
    '{"n":1}',
    '',
    '  ',
    'nothing',
    '{"n":',
    '{"n":2}{"n":3}',
    ' {"n":4}',
    '{"n":5}\r',
    '{"a":"\u2028"}',
  ];
  await bothWays('return $', [...MANY.slice(0, 30), ...odd, ...MANY.slice(30)]);
});

test.each([
  ['sets a key', 'ctx["st" + "ore"].set("n" + event.n, event.n); return event'],
  ['counts', 'ctx["k" + "v"].incr("n", event.n); return event'],
  ['answers with what it reads', 'return ctx["st" + "ore"].getOrSet("n" + event.n, { read: event.n })'],
])('texts - an event of many that %s without naming the store does so all the same', async (_name, body) => {
  for (const count of [1, 250]) {
    const [joined, single] = [memoryStore(), memoryStore()];
    const script = `export default (event, ctx) => { ${body} } // ${count}`;
    const request = { script, lines: toLines(MANY.slice(0, count)), namespace: 'texts' };
    const [many, each] = [
      await sandbox.run({ ...request, kv: joined.kv, joined: true }),
      await sandbox.run({ ...request, kv: single.kv }),
    ];
    expect(many.results).toEqual(each.results);
    expect(single.entries.size).toBeGreaterThan(0);
    expect([...joined.entries].map(([key, { json }]) => [key, json])).toEqual(
      [...single.entries].map(([key, { json }]) => [key, json]),
    );
  }
});

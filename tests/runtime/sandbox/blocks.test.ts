import { afterAll, expect, test } from '@jest/globals';
import type { EventResult } from '../../../runtime/sandbox/types.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { seedOf } from '../../support/seed.ts';
import { runsBothWays } from './both-ways.ts';
import { openSandbox } from './support.ts';

const sandbox = openSandbox();
afterAll(() => sandbox.close());
const bothWays = runsBothWays(sandbox);

const SCRIPTS = 60;
/** Below that, blocks leave as lines. */
const SMALL_RESULT = 400_000;
/** Where a script makes nothing else of its events, they all run in blocks. */
const USUAL = [
  '$',
  '{...$, m: -0, i: 1e400, u: undefined}',
  '[$, {...$}, $]',
  'null',
  '""',
  'undefined',
  '[]',
  '[null, $, false, {}, "", undefined]',
  'Object.assign([], { 3: $ })',
  'L.of($, { l: L.of(1) })',
  'Object.assign(Object.create(null), $)',
  '{ a: new Date(n), b: Buffer.from("ab"), c: Array(3), d: [[], [{}], [[]]], e: { toJSON: k => k } }',
  '{ n, get c() { return ++c }, e: {} }',
  '{ x: "é".repeat(n), "]},{\\"": "[\\\\},{" }',
  '{ x: JSON.rawJSON("1e400"), y: [JSON.rawJSON("12345678901234567890")] }',
  '{ x: String.fromCharCode(...Array(300).keys(), 0xd800, 0x2028) }',
];
const ODD = [
  '0',
  '"text"',
  'true',
  '10n',
  '{ n: 10n }',
  '() => 1',
  '[[$]]',
  '[$, 1]',
  'new Map()',
  '[{}, { s: [new Set()] }]',
  'new Date(0)',
  'JSON.rawJSON("1")',
  '{ toJSON: k => ({ k }) }',
  '[$, { toJSON: k => ({ k }) }]',
  '{ toJSON() {} }',
  '{ get a() { throw new Error("a") } }',
  '(() => { throw null })()',
  '(() => { const a = {}; a.a = a; return a })()',
  '{ deep: JSON.parse("[".repeat(999) + "]".repeat(999)) }',
  '{ deep: JSON.parse("[".repeat(1000) + "]".repeat(1000)) }',
  'Array(1001).fill({})',
  'Array(1000).fill({})',
  '{ x: "x".repeat(3e5) }',
  '[{ x: "x".repeat(6e5) }, { x: "é".repeat(6e5) }]',
  'told("x")',
  '{ get a() { return told("y") } }',
];
const LINES = [
  '{"n":1,"n":2,"a":1.0}',
  '{"n":3,"__proto__":{"a":1},"constructor":{}}',
  '{"n":12345678901234567890,"s":1e-7}',
  ' {"n":4}',
  '{"n":5}\r',
  '{ "n" : 6,\r"text":"\\ud800 \\n \u2028 😀" }',
];
const NO_EVENTS = ['', '  ', '[1]', '{"n":', '{}{}', 'null'];

/** A script that makes one thing or another of an event, by its number. */
function anyScript(random: Random): string {
  const made = Array.from({ length: 1 + random.below(4) }, () => random.pick(USUAL));
  const at = random.below(150);
  const odd = random.chance(0.5) ? `if (n === ${at}) return ${random.pick(ODD)};` : '';
  const cases = made.map((value, place) => `case ${place}: return ${value};`).join(' ');
  const body = `let c = 0; class L extends Array { every() { return true } } const n = Number($.n) || 0; ${odd} switch (n % ${made.length}) { ${cases} default: return $ }`;
  const tell = (log: string) => `const told = text => { ${log}; return text };`;
  return random.chance(0.5)
    ? `export default ($, c0) => { ${tell('c0["l" + "og"].info(text)')} ${body} }`
    : `${tell('')} ${body}`;
}

function anyLines(random: Random): string[] {
  const lines = Array.from({ length: 1 + random.below(160) }, (_, n) =>
    JSON.stringify({ n, pad: 'é'.repeat(n % 5) }),
  );
  if (random.chance(0.5)) lines.splice(random.below(lines.length), 0, random.pick(LINES), random.pick(LINES));
  if (random.chance(0.2)) lines.splice(random.below(lines.length), 0, random.pick(NO_EVENTS));
  return lines;
}

test('blocks - scripts and lines that are made by chance become what they become one by one, as lists and as lines', async () => {
  const seed = seedOf('KVFLOW_FUZZ_SEED');
  const random = createRandom(seed);
  let blocks = 0;
  for (let round = 0; round < SCRIPTS; round++) {
    const [script, lines] = [anyScript(random), anyLines(random)];
    const limits = random.chance(0.3) ? { eventsOut: 2 } : {};
    try {
      for (const more of [{ limits }, { limits }, { limits: { ...limits, resultBytes: SMALL_RESULT } }])
        blocks += inBlocks(await bothWays(script, lines, more));
    } catch (cause) {
      throw new Error(`KVFLOW_FUZZ_SEED=${seed}, script ${round}: ${script}\n${(cause as Error).message}`);
    }
  }
  expect(blocks).toBeGreaterThan(SCRIPTS);
  expect(sandbox.stats().killed).toEqual({ time: 0, memory: 0, protocol: 0, ended: 0 });
});

/** The lines of a block come with its first event. */
function inBlocks(results: EventResult[]): number {
  return results.filter(({ joined }) => joined !== undefined).length;
}

/** A worker's first use of a script: what it takes to compile it is no event's time. */
import { afterEach, expect, test } from '@jest/globals';
import { createLiveness } from '../../../runtime/sandbox/host/liveness.ts';
import { openSandbox, runner, single } from './support.ts';

const TIMEOUT_MS = 10;

let sandbox: ReturnType<typeof openSandbox> | undefined;
afterEach(() => sandbox?.close());

const first = async (script: string, more: object = {}) => {
  sandbox = openSandbox();
  return single(await runner(sandbox)(script, [{ n: 1 }], { timeoutMs: TIMEOUT_MS, ...more }));
};

test.each<[what: string, script: string]>([
  ['TypeScript, of which the types are taken out', 'const n: number = $.n; return { n }'],
  ['a module in TypeScript', 'export default (event: { n: number }) => ({ n: event.n })'],
  // Which takes longer than an event has.
  ['many functions', `${many()} return { n: $.n }`],
])('first use - of a worker with little time for an event: %s', async (_, script) => {
  expect(await first(script)).toEqual({ n: 1 });
});

test('first use - a script that does not end has the time of an event all the same', async () => {
  expect(await first('for (;;);')).toMatchObject({ code: 'SCRIPT_TIMEOUT' });
  const life = createLiveness();
  const later = (ms: number) => life.lost(Date.now() + ms, TIMEOUT_MS, 1, false);
  life.begin();
  life.define();
  // The largest script takes seconds to compile.
  expect(later(15_000)).toBe(false);
  expect(later(25_000)).toBe(true);
  expect(life.defined()).toBe(true);
  expect(later(1_000)).toBe(true);
});

test('first use - what a worker says is compiled counts as a heartbeat, of which there are not too many', () => {
  const life = createLiveness();
  let said = 0;
  while (said < 1_000 && life.defined()) said += 1;
  expect(said).toBeLessThan(1_000);
});

function many(): string {
  return Array.from({ length: 8_000 }, (_, n) => `function f${n}() { try { return ${n} } catch {} }`).join(
    '\n',
  );
}

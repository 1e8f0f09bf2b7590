import { afterAll, expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import type { ScriptFetch, ScriptFetchRequest } from '../../../runtime/core/scripts.ts';
import { memoryStore, openSandbox, runner, single } from './support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

/** Answers what it was asked, as a server of the internet might. */
function echo() {
  const asked: ScriptFetchRequest[] = [];
  const fetch: ScriptFetch = async request => {
    asked.push(request);
    if (request.url.includes('refused')) throw new PackError('FORBIDDEN', 'the host is not allowed');
    const headers: [string, string][] = [
      ['content-type', 'application/json'],
      ['x-a', '1'],
      ['x-a', '2'],
    ];
    const body = JSON.stringify({ url: request.url, body: request.body });
    return { status: 200, statusText: 'OK', headers, url: request.url, redirected: false, body };
  };
  return { fetch, asked };
}

test('transform fetch - is off unless it is switched on', async () => {
  expect(single(await run('return { f: typeof fetch }'))).toEqual({ f: 'undefined' });
  const asked = 'export default async (e, { fetch }) => ({ f: await fetch("https://a.test/") })';
  expect(single(await run(asked))).toMatchObject({ message: expect.stringContaining('switched off') });
});

test('transform fetch - the answer as scripts know it', async () => {
  const { fetch, asked } = echo();
  const script = `export default async (event, { fetch }) => {
    const response = await fetch('https://a.test/x', { method: 'post', body: JSON.stringify({ a: 1 }), headers: { 'X-B': 'c' }, ttl: '10m' })
    const copy = response.clone()
    const { url, body } = await response.json()
    let again = ''
    try { await response.text() } catch (error) { again = error.message }
    return { ok: response.ok, status: response.status, type: response.headers.get('Content-Type'), a: response.headers.get('x-a'),
      url, body, text: (await copy.text()).length > 10, again }
  }`;
  expect(single(await run(script, [{}], { fetch }))).toEqual({
    ok: true,
    status: 200,
    type: 'application/json',
    a: '1, 2',
    url: 'https://a.test/x',
    body: '{"a":1}',
    text: true,
    again: 'The body of the answer was read already.',
  });
  expect(asked[0]).toMatchObject({
    method: 'POST',
    ttlMs: 600_000,
    headers: expect.arrayContaining([['x-b', 'c']]),
  });
  const classic = 'const r = await fetch("https://a.test/" + $.n); return { n: (await r.json()).url }';
  const { results } = await run(classic, [{ n: 1 }, { n: 2 }], { fetch });
  expect(results.map(({ events }) => events[0])).toEqual([
    { n: 'https://a.test/1' },
    { n: 'https://a.test/2' },
  ]);
});

test('transform fetch - as RudderStack has it: fetch answers JSON, fetchV2 what came with it', async () => {
  const { fetch } = echo();
  const script = `export async function transformEvent(event) {
    const json = await fetch('https://a.test/1')
    const { status, body } = await fetchV2('https://a.test/2')
    return { one: json.url, two: body.url, status }
  }`;
  expect(single(await run(script, [{}], { fetch }))).toEqual({
    one: 'https://a.test/1',
    two: 'https://a.test/2',
    status: 200,
  });
});

test('transform fetch - what is refused, and what is over, is an error of the script', async () => {
  const { fetch, asked } = echo();
  const script = 'await fetch("https://refused.test/"); return $';
  expect(single(await run(script, [{}], { fetch }))).toMatchObject({
    code: 'SCRIPT_ERROR',
    message: 'TypeError: fetch failed: the host is not allowed.',
  });
  const many = 'await fetch("https://a.test/"); return $';
  const { results } = await run(many, [{}, {}, {}], { fetch, fetchBudget: 2 });
  expect(results.map(({ outcome }) => outcome).sort()).toEqual(['error', 'ok', 'ok']);
  expect(asked).toHaveLength(3);
});

test('transform fetch - a server that never answers ends with the call, and so does a promise that never settles while workers die', async () => {
  let ended = 0;
  const fetch: ScriptFetch = (_request, signal) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        ended++;
        reject(signal.reason);
      }),
    );
  // A worker that takes longer than this to start has asked for nothing by then.
  for (let ms = 400; ended === 0; ms *= 2) {
    const ends = { fetch, deadline: Date.now() + ms };
    const { results } = await run('await fetch("https://a.test/"); return $', [{}], ends);
    expect(results[0]?.error?.code).toBe('TIMEOUT');
  }
  expect(ended).toBe(1);
  const store = memoryStore();
  const caller = new AbortController();
  const never = run('await $kv.get("a"); await new Promise(() => {}); return $', [{}], {
    kv: store.kv,
    namespace: 'dying',
    timeoutMs: 30_000,
    signal: caller.signal,
  });
  for (let killed = 0; killed < 2; ) {
    const pid = sandbox.workers().find(({ namespace, pid: one }) => namespace === 'dying' && one > 0)?.pid;
    if (pid && store.counts.gets > killed) {
      process.kill(pid, 'SIGKILL');
      killed++;
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  // A third run is under way or about to begin: it ends with the call, whenever that is.
  caller.abort();
  expect((await never).results[0]?.error?.code).toMatch(/TIMEOUT|SCRIPT_ERROR|UNAVAILABLE/);
});

import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSandbox } from './support.ts';

// Each file of hostile/raw/ is what code could do once it has escaped vm2: it runs as plain code in a locked worker,
// with `require` and `process` at hand, and must come back with nothing.
const FOLDER = new URL('./hostile/raw/', import.meta.url);
const files = readdirSync(FOLDER).filter(name => name.endsWith('.txt'));
const sandbox = openSandbox({ raw: true, warmWorkers: 2, memoryMb: 128 });
const server = createServer(socket => socket.destroy());
const linux = process.platform === 'linux';
// A worker without a user id of its own may signal whatever its user runs: these would end the tests, and all else the
// developer has open. docs/security.md says so.
const SIGNALS = new Set(['kill-others.txt', 'kill-parent.txt', 'signal-parent.txt', 'priority.txt']);
const ownUid = sandbox.layers().some(({ name, active }) => name === 'uid' && active);
const runnable = files.filter(name => ownUid || !SIGNALS.has(name));

beforeAll(() => new Promise<void>(resolve => server.listen(0, resolve)));
afterAll(async () => {
  server.close();
  await sandbox.close();
});

/** What plain code in a fresh locked worker answers, or how the worker ended. */
async function raw(code: string, from = sandbox): Promise<unknown> {
  const worker = await from.rawWorker();
  const answer = new Promise<unknown>(resolve => {
    worker.listen(
      (kind, text) => {
        if (kind === 'X') resolve(JSON.parse(text));
        return kind === 'X';
      },
      reason => resolve({ ended: reason }),
    );
  });
  worker.send('X', code);
  const result = await answer;
  worker.end('retired');
  await worker.ended;
  return result;
}

test('locked worker - plain code does run in it', async () => {
  expect(await raw('return 1 + 1')).toBe(2);
});

test('locked worker - the file of its program is closed before any other code runs', async () => {
  // What Node itself may have there by then has nothing to be read, or cannot be read from a place.
  const read = "require('node:fs').readSync(3, Buffer.alloc(1), 0, 1, 0)";
  expect(await raw(`try { return ${read} } catch { return 0 }`)).toBe(0);
});

test('locked worker - what its start left behind is given back once it is idle, and not before it is ready', async () => {
  const fresh = openSandbox({ raw: true, warmWorkers: 0 });
  const code = `const used = () => require('node:v8').getHeapStatistics().used_heap_size;
    const first = used();
    // Behind the worker's own timer, and long before V8 collects by itself.
    await new Promise(go => setTimeout(go, 2_500));
    return first - used();`;
  try {
    expect(await raw(code, fresh)).toBeGreaterThan(1_000_000);
  } finally {
    await fresh.close();
  }
});

for (const name of files.filter(file => !runnable.includes(file)))
  test.skip(`locked worker - ${name} (only as root, where workers get a user id of their own)`, () => {});

test.each(runnable)('locked worker - %s', async name => {
  const { port } = server.address() as { port: number };
  const code = readFileSync(new URL(name, FOLDER), 'utf8');
  const result = await raw(`const port = ${port};\n${code}`);
  if (!linux) return expect(result).toBeDefined();
  // Nothing came of it, or the worker ended under it.
  if (typeof result === 'object' && result !== null)
    expect(result).toMatchObject({ ended: expect.stringMatching(/memory|ended/) });
  else expect(result).toBeNull();
});

test('locked worker - an unfinished giant frame is refused by its length alone', async () => {
  const code =
    'const b = Buffer.alloc(4); b.writeUInt32LE(2 ** 31); require("fs").writeSync(1, b); await new Promise(() => {})';
  expect(await raw(code)).toEqual({ ended: 'protocol' });
});

test('locked worker - garbage on the pipe ends it', async () => {
  expect(
    await raw(
      'require("fs").writeSync(1, Buffer.from([5, 0, 0, 0, 90, 1, 2, 3, 4])); await new Promise(() => {})',
    ),
  ).toEqual({ ended: 'protocol' });
});

test('locked worker - the process functions are gone in production', async () => {
  await using own = openSandbox();
  expect(() => own.rawWorker()).toThrow('raw');
});

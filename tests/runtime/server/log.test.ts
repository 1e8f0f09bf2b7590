import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { createInvocationLog, createLog } from '../../../runtime/server/log.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir } from '../../support/temp-dir.ts';

const entry = {
  function: 'kv-key-put',
  status_code: 200,
  code: 'OK',
  ms: 1.5,
  key: 'ci',
  invocation_id: 'a-1',
};

async function logged(level: string, write: (log: ReturnType<typeof createLog>) => void): Promise<unknown[]> {
  await using folder = await tempDir();
  const log = createLog({ level, destination: join(folder.path, 'log') });
  write(log);
  log.flush();
  const text = await readFile(join(folder.path, 'log'), 'utf8');
  return text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));
}

test("log - lines of invocations have pino's own form", async () => {
  const [fast, slow] = await logged('info', ({ logger, flush }) => {
    createInvocationLog(logger)(entry);
    flush();
    logger.info(entry, 'invocation');
  });
  expect({ ...(fast as object), time: '' }).toEqual({ ...(slow as object), time: '' });
  expect(Object.keys(fast as object)).toEqual(Object.keys(slow as object));
});

test('log - beside other processes each write is of whole lines, and no longer than a pipe keeps together', async () => {
  await using folder = await tempDir();
  const writes = jest.spyOn(fs, 'write');
  try {
    const { logger, flush } = createLog({ destination: join(folder.path, 'log'), shared: true });
    const add = createInvocationLog(logger);
    for (let line = 0; line < 200; line += 1) add(entry);
    await eventually(async () => {
      const text = await readFile(join(folder.path, 'log'), 'utf8');
      expect(text.match(/\n/g)?.length ?? 0).toBeGreaterThan(150);
    });
    const texts = writes.mock.calls
      .map(([, data]) => String(data))
      .filter(text => text.includes('kv-key-put'));
    flush();
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.filter(text => text.length > 4_096 || !text.endsWith('\n'))).toEqual([]);
  } finally {
    writes.mockRestore();
  }
});

test('log - a failure of the server is a warning, and the level is honoured', async () => {
  const lines = await logged('warn', ({ logger }) => {
    createInvocationLog(logger)(entry);
    createInvocationLog(logger)({ ...entry, status_code: 503, code: 'UNAVAILABLE' });
  });
  expect(lines).toMatchObject([{ level: 40, code: 'UNAVAILABLE' }]);
});

test('log - a made-up function name cannot forge a line', async () => {
  const name = 'x","key":"admin"}\n{"level":60';
  const lines = await logged('info', ({ logger }) =>
    createInvocationLog(logger)({ ...entry, function: name }),
  );
  expect(lines).toMatchObject([{ level: 30, function: name, key: 'ci' }]);
});

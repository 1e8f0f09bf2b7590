import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { takeLock } from '../../../runtime/locks/lock-file.ts';
import { withoutSecrets } from '../../../runtime/main/check-destinations.ts';
import { forAll } from '../../support/for-all.ts';
import { freePort } from '../../support/free-port.ts';
import { startSnowflake } from '../../support/warehouses/snowflake.ts';
import { makePlace } from '../transports/cli/kvflow-process.ts';

const server = forAll(startSnowflake);

/** Runs `kvflow check` with these destinations. */
async function check(destinations: Record<string, object>) {
  await using place = await makePlace();
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify({ destinations }));
  return await place.run(['check']);
}

test('check - a warehouse that works says so, line by line', async () => {
  const url = await server.database('good');
  await server.sql('good', 'CREATE TABLE "EVENTS" ("EVENT_ID" TEXT NOT NULL, PRIMARY KEY ("EVENT_ID"))');
  const ended = await check({ lake: { type: 'snowflake', url, table: 'events' } });
  expect(ended.stdout).toMatch(/^ok +lake +connection +Snowflake .*role LOADER$/m);
  expect(ended.stdout).toMatch(/^ok +lake +schema +GOOD\.PUBLIC$/m);
  expect(ended.stdout).toMatch(/^ok +lake +update +allowed$/m);
  expect(ended.stdout).toMatch(/^ok +lake +primary key +event_id$/m);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
});

test('check - one that is away, one that is silent and one that refuses keep none from being looked at', async () => {
  const url = await server.database('good');
  const silent = createServer();
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
  try {
    const at = (port: number) => {
      const other = new URL(url);
      other.searchParams.set('access_url', `http://127.0.0.1:${port}`);
      return other.href;
    };
    const ended = await check({
      away: { type: 'snowflake', url: at(await freePort()) },
      elsewhere: { type: 'postgres', url: `postgres://u:hunter2@127.0.0.1:${await freePort()}/db` },
      fine: { type: 'snowflake', url },
      quiet: { type: 'snowflake', url: at((silent.address() as AddressInfo).port) },
      stranger: { type: 'snowflake', url: url.replace('stand-in@', 'hunter2@') },
    });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^FAIL +away +connection +.*ECONNREFUSED/m);
    expect(ended.stdout).toMatch(/^FAIL +elsewhere +connection /m);
    expect(ended.stdout).toMatch(/^ok +fine +create table /m);
    expect(ended.stdout).toMatch(/^FAIL +quiet +connection .*(no answer in the time|does not answer)/m);
    expect(ended.stdout).toMatch(/^FAIL +stranger +connection .*Incorrect username or password/m);
    expect(ended.stdout).toContain('4 to fix.');
    expect(ended.stdout + ended.stderr).not.toMatch(/hunter2|stand-in:/);
  } finally {
    silent.close();
  }
});

test('check - looks at warehouses even where NATS cannot be had', async () => {
  const url = await server.database('good');
  await using place = await makePlace();
  const config = { destinations: { lake: { type: 'snowflake', url } } };
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify(config));
  const ended = await place.run(['check'], { env: { NATS_SERVER_BIN: '/nowhere/nats-server' } });
  expect(ended.stdout).toMatch(/^FAIL +NATS /m);
  expect(ended.stdout).toMatch(/^ok +lake +create table /m);
});

test('check - a lacking permission is told with what to do', async () => {
  const url = await server.database('good');
  server.denied.add('CREATE');
  try {
    const ended = await check({ lake: { type: 'snowflake', url } });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(
      /^FAIL +lake +create table .*Insufficient privileges.*docs\/warehouses\/snowflake\.md/m,
    );
  } finally {
    server.denied.clear();
  }
});

test('check - the embedded warehouse that a running kvflow has open is no fault', async () => {
  await using place = await makePlace();
  const config = { destinations: { local: { type: 'pglite' } } };
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify(config));
  await mkdir(place.dataDir, { recursive: true });
  const lock = await takeLock(join(place.dataDir, 'warehouse.lock'));
  const ended = await place.run(['check']);
  expect(ended.stdout).toMatch(new RegExp(`^ok +local +connection .*process ${process.pid}`, 'm'));
  expect(ended.code).toBe(0);
  if ('release' in lock) await lock.release();
  const alone = await place.run(['check']);
  expect(alone.stdout).toMatch(/^ok +local +connection +as /m);
  // Every line of it, since making the database must not keep NATS from answering.
  expect(alone.stdout).not.toMatch(/^FAIL/m);
  expect(alone.code).toBe(0);
}, 150_000);

test('check - the embedded warehouse that nobody configured is told, not made, and looked at once it is there', async () => {
  await using place = await makePlace();
  const before = await place.run(['check']);
  expect(before.stdout).toMatch(/^ok +embedded +not used yet; .*warehouse\.db$/m);
  expect(existsSync(join(place.dataDir, 'warehouse.db'))).toBe(false);
  // As a build before made it, and a process that was ended in the middle of making it would leave it.
  await mkdir(join(place.dataDir, 'warehouse'), { recursive: true });
  await writeFile(join(place.dataDir, 'warehouse', 'PG_VERSION'), '1');
  const broken = await place.run(['check']);
  expect(broken.stdout).toMatch(/^FAIL +embedded +connection /m);
  expect(broken.code).toBe(1);
  await rm(join(place.dataDir, 'warehouse'), { recursive: true });
  const off = await place.run(['check'], { env: { USER_RECOGNITION_ENABLED: 'false' } });
  expect(off.stdout).not.toContain('embedded  ');
}, 60_000);

test.each([
  ['cannot reach postgres://u:hunter2@host/db', 'postgres://u:hunter2@host/db', 'cannot reach ***'],
  ['wrong password p@ss/word', 'postgres://u:p%40ss%2Fword@host/db', 'wrong password ***'],
  ['wrong password p%40ss', 'postgres://u:p%40ss@host/db', 'wrong password ***'],
  ['bad passphrase sesame', 'snowflake://u@a/db?private_key_passphrase=sesame', 'bad passphrase ***'],
  ['no secret here', 'postgres://u@host/db', 'no secret here'],
])('check - of %j nothing secret is shown', (text, url, shown) => {
  expect(withoutSecrets(text, url)).toBe(shown);
});

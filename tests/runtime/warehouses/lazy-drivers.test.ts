import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { makePlace } from '../transports/cli/kvflow-process.ts';

/** Runs in kvflow's own process, and writes down each package of a driver that is loaded. */
const NOTES_DRIVERS = `import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
registerHooks({
  load(url, context, next) {
    const found = /node_modules\\/(pg|mysql2|@clickhouse\\/client|snowflake-sdk|@electric-sql\\/pglite)\\//.exec(url);
    if (found) appendFileSync(process.env.LOADED, found[1] + '\\n');
    return next(url, context);
  },
});`;

test('warehouses - a driver is loaded when its warehouse is first used, and no other with it', async () => {
  await using place = await makePlace();
  const nobody = `127.0.0.1:${await freePort()}`;
  const one = (type: string, url: string) =>
    `  ${type}: { type: ${type}, url: "${url}", table: e, primary_key_fields: [id] }`;
  const destinations = [
    one('postgres', `postgres://u:p@${nobody}/d`),
    one('mysql', `mysql://u:p@${nobody}/d`),
    one('clickhouse', `http://u:p@${nobody}/d`),
  ];
  await writeFile(join(place.path, 'kvflow.yaml'), ['destinations:', ...destinations].join('\n'));
  const [hook, loaded] = [join(place.path, 'notes-drivers.mjs'), join(place.path, 'loaded.txt')];
  await writeFile(hook, NOTES_DRIVERS);
  await writeFile(loaded, '');
  const env = { NODE_OPTIONS: `--import ${pathToFileURL(hook)}`, LOADED: loaded };
  const { url } = await place.start({ env, args: ['--config', 'kvflow.yaml'] });
  const identify = async (input: object) => {
    const answer = await fetch(`${url}/functions/identify/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-timeout-ms': '4000' },
      body: JSON.stringify({ event: { id: 'e', user: { anonymous_id: 'v' } }, ...input }),
    });
    return (await answer.json()) as { data?: object };
  };
  const drivers = async () => [...new Set((await readFile(loaded, 'utf8')).split('\n').filter(Boolean))];
  expect(await identify({})).toMatchObject({ data: { remembered: 1 } });
  expect(await drivers()).toEqual([]);
  await identify({ destination: 'mysql' });
  expect(await drivers()).toEqual(['mysql2']);
  await identify({ destination: 'postgres' });
  expect(await drivers()).toEqual(['mysql2', 'pg']);
});

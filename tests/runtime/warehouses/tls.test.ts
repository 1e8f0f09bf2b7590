/** Encrypted connections to real servers: what is refused is as important as what works. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import { openClickhouse } from '../../../runtime/warehouses/clickhouse/engine.ts';
import type { Engine } from '../../../runtime/warehouses/engine.ts';
import { openMysql } from '../../../runtime/warehouses/mysql/engine.ts';
import { openPostgres } from '../../../runtime/warehouses/postgres/open.ts';
import { within } from '../../suites/warehouse/subject.ts';
import type { Certificates } from '../../support/certificates.ts';
import { makeCertificates } from '../../support/certificates.ts';
import type { HttpsFront } from '../../support/https-front.ts';
import { startHttpsFront } from '../../support/https-front.ts';
import type { TestClickhouse } from '../../support/warehouses/clickhouse.ts';
import { startClickhouse } from '../../support/warehouses/clickhouse.ts';
import { startMariadb } from '../../support/warehouses/mariadb.ts';
import { missingServers } from '../../support/warehouses/missing.ts';
import { startMysql } from '../../support/warehouses/mysql.ts';
import type { TestMysqld } from '../../support/warehouses/mysqld.ts';
import type { TestPostgres } from '../../support/warehouses/postgres.ts';
import { startPostgres } from '../../support/warehouses/postgres.ts';

let files: Certificates;
beforeAll(async () => {
  files = await makeCertificates();
}, 60_000);
afterAll(async () => await files?.[Symbol.asyncDispose]());

/** How a url says what it wants, the host it names, and what is to come of it: undefined is a connection. */
type Case = [what: string, host: string, parameters: () => Record<string, string>, refused?: RegExp];

/** A function that jest gives fewer arguments than it has parameters is taken for one that waits for another. */
const rows = (cases: Case[]) => cases.map(([what, ...rest]) => [what, rest] as const);

/** The error of a connection, or undefined where it works. */
async function outcome(open: () => Promise<Engine>): Promise<string | undefined> {
  let engine: Engine | undefined;
  try {
    engine = await open();
    await engine.check(within(), undefined);
    return undefined;
  } catch (error) {
    // Whatever went wrong: wrapped, and with no password in it.
    expect(error).toBeInstanceOf(PackError);
    const { message, details } = error as PackError;
    expect(JSON.stringify([message, details])).not.toContain('hunter2');
    return message;
  } finally {
    await engine?.close();
  }
}

function withParameters(url: string, parameters: Record<string, string>): string {
  const query = new URLSearchParams(parameters).toString();
  return query ? `${url}?${query}` : url;
}

describe('postgres', () => {
  let encrypted: TestPostgres;
  let plain: TestPostgres;
  let path: { encrypted: string; plain: string };
  beforeAll(async () => {
    const { cert, key } = files.server;
    // The server wants a key that is its own or root's, and nobody else's: it gets a copy.
    encrypted = await startPostgres({ ssl: 'on' }, { 'server.crt': cert, 'server.key': key });
    plain = await startPostgres();
    path = { encrypted: await encrypted.database('tls'), plain: await plain.database('tls') };
  }, 60_000);
  afterAll(async () => {
    await encrypted?.[Symbol.asyncDispose]();
    await plain?.[Symbol.asyncDispose]();
  });
  const CASES: Case[] = [
    ['require checks nothing', '127.0.0.1', () => ({ sslmode: 'require' })],
    [
      'verify-full takes the authority that signed',
      'localhost',
      () => ({ sslmode: 'verify-full', sslrootcert: files.ca }),
    ],
    [
      'verify-full refuses another authority',
      'localhost',
      () => ({ sslmode: 'verify-full', sslrootcert: files.otherCa }),
      /certificate.*sslrootcert/,
    ],
    [
      "verify-full refuses the system's authorities, which did not sign",
      'localhost',
      () => ({ sslmode: 'verify-full', sslrootcert: 'system' }),
      /certificate.*sslrootcert/,
    ],
    [
      'verify-full refuses a host that is not in the certificate',
      '127.0.0.1',
      () => ({ sslmode: 'verify-full', sslrootcert: files.ca }),
      /altnames.*sslmode/,
    ],
    ['verify-ca takes any host', '127.0.0.1', () => ({ sslmode: 'verify-ca', sslrootcert: files.ca })],
    [
      'verify-ca refuses another authority',
      '127.0.0.1',
      () => ({ sslmode: 'verify-ca', sslrootcert: files.otherCa }),
      /certificate.*sslrootcert/,
    ],
    ['verify-ca needs an authority', '127.0.0.1', () => ({ sslmode: 'verify-ca' }), /needs sslrootcert/],
    [
      'require with an authority checks it, as libpq does',
      '127.0.0.1',
      () => ({ sslmode: 'require', sslrootcert: files.otherCa }),
      /certificate.*sslrootcert/,
    ],
    ['an authority alone is held to', '127.0.0.1', () => ({ sslrootcert: files.ca }), /altnames.*sslmode/],
    ['a mode that is none is refused', 'localhost', () => ({ sslmode: 'verify_full' }), /verify-full/],
    ['allow would not encrypt where it could', 'localhost', () => ({ sslmode: 'allow' }), /sslmode/],
  ];

  test.each(rows(CASES))('tls - postgres: %s', async (_what, [host, parameters, refused]) => {
    const url = path.encrypted.replace('127.0.0.1', host).replace('kvflow@', 'kvflow:hunter2@');
    const message = await outcome(() => openPostgres({ url: withParameters(url, parameters()) }));
    if (refused) expect(message).toMatch(refused);
    else expect(message).toBeUndefined();
  });

  test('tls - postgres: require is refused by a server without it, and never goes on unencrypted', async () => {
    const message = await outcome(() => openPostgres({ url: `${path.plain}?sslmode=require` }));
    expect(message).toMatch(/does not support SSL.*sslmode/);
  });
});

const missing = await missingServers();

describe.each([
  ['mariadb', startMariadb],
  ['mysql', startMysql],
] as const)('%s', (name, start) => {
  if (missing[name]) {
    test.skip(`tls - ${name}: all of it (skipped: ${missing[name]})`, () => undefined);
    return;
  }
  let encrypted: TestMysqld;
  let plain: TestMysqld;
  beforeAll(async () => {
    const { cert, key } = files.server;
    const own = [`--ssl-ca=${files.ca}`, `--ssl-cert=${cert}`, `--ssl-key=${key}`];
    encrypted = await start([...own, '--require-secure-transport=ON']);
    plain = await start([name === 'mysql' ? '--tls-version=' : '--skip-ssl']);
  }, 60_000);
  afterAll(async () => {
    await encrypted?.[Symbol.asyncDispose]();
    await plain?.[Symbol.asyncDispose]();
  });
  const CASES: Case[] = [
    [
      'without a mode nothing is encrypted',
      '127.0.0.1',
      () => ({}),
      /require_secure_transport|Access denied/,
    ],
    ['REQUIRED checks nothing', '127.0.0.1', () => ({ 'ssl-mode': 'REQUIRED' })],
    [
      'VERIFY_IDENTITY takes the authority that signed',
      'localhost',
      () => ({ 'ssl-mode': 'VERIFY_IDENTITY', 'ssl-ca': files.ca }),
    ],
    ['an authority alone is held to, for any host', '127.0.0.1', () => ({ 'ssl-ca': files.ca })],
    [
      'VERIFY_CA refuses another authority',
      '127.0.0.1',
      () => ({ 'ssl-mode': 'VERIFY_CA', 'ssl-ca': files.otherCa }),
      /certificate.*ssl-ca/,
    ],
    [
      "VERIFY_CA refuses the system's authorities, which did not sign",
      '127.0.0.1',
      () => ({ 'ssl-mode': 'VERIFY_CA' }),
      /certificate.*ssl-ca/,
    ],
    [
      'VERIFY_IDENTITY refuses a host that is not in the certificate',
      '127.1',
      // A name to Node, and an address to whoever looks it up.
      () => ({ 'ssl-mode': 'VERIFY_IDENTITY', 'ssl-ca': files.ca }),
      /altnames.*ssl-mode/,
    ],
    [
      'VERIFY_IDENTITY is for names: of an address the driver would check another',
      '127.0.0.1',
      () => ({ 'ssl-mode': 'VERIFY_IDENTITY', 'ssl-ca': files.ca }),
      /VERIFY_IDENTITY needs .*name/,
    ],
  ];

  test.each(rows(CASES))(`tls - ${name}: %s`, async (_what, [host, parameters, refused]) => {
    const url = encrypted.url.replace('127.0.0.1', host);
    const message = await outcome(() => openMysql({ url: withParameters(url, parameters()) }));
    if (refused) expect(message).toMatch(refused);
    else expect(message).toBeUndefined();
  });

  test(`tls - ${name}: REQUIRED is refused by a server without it, and never goes on unencrypted`, async () => {
    const message = await outcome(() => openMysql({ url: `${plain.url}?ssl-mode=REQUIRED` }));
    expect(message).toMatch(/does not support secure connection.*ssl-mode/);
  });
});

describe('clickhouse', () => {
  let server: TestClickhouse;
  let front: HttpsFront;
  let mutual: HttpsFront;
  beforeAll(async () => {
    server = await startClickhouse();
    front = await startHttpsFront(server.url, files.server);
    mutual = await startHttpsFront(server.url, { ...files.server, clientCa: files.ca });
  }, 60_000);
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]();
    await mutual?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  const CASES: Case[] = [
    ['https takes the authority that signed', 'localhost', () => ({ 'tls-ca': files.ca })],
    [
      'https refuses another authority',
      'localhost',
      () => ({ 'tls-ca': files.otherCa }),
      /certificate.*tls-ca/,
    ],
    [
      "https refuses the system's authorities, which did not sign",
      'localhost',
      () => ({}),
      /certificate.*tls-ca/,
    ],
    [
      'https refuses a host that is not in the certificate',
      '127.0.0.1',
      () => ({ 'tls-ca': files.ca }),
      /altnames.*tls-ca/,
    ],
  ];

  test.each(rows(CASES))('tls - clickhouse: %s', async (_what, [host, parameters, refused]) => {
    const url = `https://kvflow:hunter2@${host}:${front.port}/kvflow`;
    const message = await outcome(() => openClickhouse({ url: withParameters(url, parameters()) }));
    if (refused) expect(message).toMatch(refused);
    else expect(message).toBeUndefined();
  });

  test('tls - clickhouse: a certificate of its own is shown to the server that asks for one', async () => {
    const url = `https://kvflow:hunter2@localhost:${mutual.port}/kvflow`;
    const { cert, key } = files.client;
    const own = { 'tls-ca': files.ca, 'tls-cert': cert, 'tls-key': key };
    expect(await outcome(() => openClickhouse({ url: withParameters(url, own) }))).toBeUndefined();
    const without = { 'tls-ca': files.ca };
    expect(await outcome(() => openClickhouse({ url: withParameters(url, without) }))).toMatch(/tls-cert/);
  });

  test('tls - clickhouse: what would be left out without a word is refused', async () => {
    const refused = async (scheme: string, parameters: Record<string, string>) =>
      await outcome(() => openClickhouse({ url: withParameters(`${scheme}://localhost:1/x`, parameters) }));
    expect(await refused('http', { 'tls-ca': files.ca })).toMatch(/https/);
    expect(await refused('https', { 'tls-cert': files.client.cert })).toMatch(/tls-key/);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openGeo } from '../../../runtime/sandbox/host/geo.ts';
import { writeMmdb } from '../../support/mmdb.ts';
import { openSandbox, runner } from './support.ts';

const LONDON = {
  continent: { code: 'EU', names: { en: 'Europe' } },
  country: { iso_code: 'GB', names: { en: 'United Kingdom' } },
  subdivisions: [{ iso_code: 'ENG', names: { en: 'England' } }],
  city: { names: { en: 'London' } },
  postal: { code: 'EC1A' },
  location: { latitude: 51.5, longitude: -0.125, accuracy_radius: 10, time_zone: 'Europe/London' },
};
const FRANCE = { country: { iso_code: 'FR', names: { en: 'France' }, is_in_european_union: true } };

let folder: string;
let sandbox: ReturnType<typeof openSandbox>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
  const file = join(folder, 'city.mmdb');
  await writeFile(file, writeMmdb({ '81.2.69.0/24': LONDON, '2.125.160.216/29': FRANCE }));
  sandbox = openSandbox({ geo: await openGeo(file) });
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const made = async (script: string, ...events: object[]) =>
  (await runner(sandbox)(script, events)).results.map(({ events: [event], error }) => error ?? event);

test('transform geo - Jitsu’s geo says where an event came from, by the address that it names', async () => {
  const script = 'export default (event, { geo }) => ({ geo: geo ?? null })';
  const france = { geo: { country: { code: 'FR', name: 'France', isEU: true } } };
  const told = await made(
    script,
    { context: { ip: '81.2.69.160' }, ip: '2.125.160.217' },
    { source_ip: '2.125.160.217' },
    { __HTTP_CONTEXT__: { headers: { 'x-forwarded-for': '2.125.160.218, 10.0.0.1' } } },
    { context: { ip: '10.0.0.1' } },
    { ip: 'no address' },
    { n: 1 },
  );
  expect(told).toEqual([
    {
      geo: {
        continent: { code: 'EU', name: 'Europe' },
        country: { code: 'GB', name: 'United Kingdom', isEU: false },
        region: { code: 'ENG', name: 'England' },
        city: { name: 'London' },
        postalCode: { code: 'EC1A' },
        location: { latitude: 51.5, longitude: -0.125, accuracyRadius: 10, timezone: 'Europe/London' },
      },
    },
    france,
    france,
    { geo: null },
    { geo: null },
    { geo: null },
  ]);
});

test('transform geo - RudderStack’s geolocation answers for the address of the event', async () => {
  const script = `export async function transformEvent(event) {
    return { own: await geolocation(event.request_ip), other: await geolocation('1.1.1.1') }
  }`;
  expect(await made(script, { request_ip: '81.2.69.1' }, {})).toEqual([
    {
      own: {
        ip: '81.2.69.1',
        city: 'London',
        region: 'England',
        country: 'GB',
        loc: '51.5,-0.125',
        postal: 'EC1A',
        timezone: 'Europe/London',
      },
      other: {},
    },
    { own: {}, other: {} },
  ]);
});

test('transform geo - events keep their own among others of one frame, as values and as lines', async () => {
  const script = 'export default (event, context) => ({ n: event.n, code: context.geo?.country.code ?? "" })';
  const events = Array.from({ length: 250 }, (_, n) => ({
    n,
    ...(n % 3 > 0 && { ip: n % 3 === 1 ? '81.2.69.9' : '2.125.160.220' }),
  }));
  const expected = events.map(({ n }) => ({ n, code: ['', 'GB', 'FR'][n % 3] }));
  expect(await made(script, ...events)).toEqual(expected);
});

/** Gets a key as often as its parent says, by the functions of the build whose path is given, on the NATS that is given. */
import { join } from 'node:path';

const [build = '', url = ''] = process.argv.slice(2);
type Support = typeof import('../tests/support/kvflow.ts');
const { joinNats } = (await import(join(build, 'tests/support/kvflow.ts'))) as Support;
const kvflow = joinNats({ servers: [url] }, { validateOutput: false });
const IN_FLIGHT = 256;

process.on('message', async (count: number) => {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await kvflow.invoke('kv-key-get', { bucket: 'bench', key: 'user.1' });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  process.send?.({});
});
process.on('disconnect', () => process.exit());
await kvflow.invoke('kv-key-put', { bucket: 'bench', key: 'user.1', value: 'v'.repeat(60) });
process.send?.({});

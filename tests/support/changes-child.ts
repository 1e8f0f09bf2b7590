/**
 * A process that patches, appends and counts: `node changes-child.ts URL BUCKET TIMES`. It prints `ready` once it is
 * joined, and ends when all its changes are made; with an error, where one is not.
 */
import { isFailure } from '../../runtime/core/envelope.ts';
import { joinNats } from '../../runtime/main/join-nats.ts';

const [url = '', bucket = '', times = ''] = process.argv.slice(2);
const { invoke, close } = await joinNats({ servers: [url] });
const change = async (name: string, input: object) => {
  const envelope = await invoke(name, { bucket, ...input });
  if (isFailure(envelope)) throw new Error(`${name}: ${envelope.error.message}`);
};
await change('kv-key-put', { key: 'there', value: 'x' });
process.stdout.write('ready\n');
const changes = Array.from({ length: Number(times) }, async (_, i) => {
  await change('kv-key-patch', { key: 'doc', merge: { [`child${i}`]: i }, initial: {} });
  await change('kv-key-append', { key: 'list', value: `child${i}` });
  await change('kv-key-increment', { key: 'count' });
  await change('kv-key-increment', { key: 'limit', pointer: '/count' });
});
await Promise.all(changes);
await close();

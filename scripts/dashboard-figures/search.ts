import { calls } from '../../tests/support/calls.ts';
import { connectOfficial } from '../../tests/support/official.ts';
import { heapOf, type Open, openPage } from './open.ts';

const KEYS = 1_000_000;
const HEAP_MIB = 60;
const RATIO = 1.5;

/** A search by part of a name among a million keys: first hit, last hit and heap, against kv-key-list of the same bucket. */
export async function searchAMillion(open: Open): Promise<void> {
  const { kvflow } = open;
  await calls.create(kvflow, { bucket: 'million', storage: 'memory' });
  await using official = await connectOfficial(kvflow.server.url);
  await official.fill('million', KEYS, i => [`user.${i % 1_000}.${i}`, 'v']);
  const listed = await listAll(kvflow);
  const { page, tools } = await openPage(open, 'buckets/million');
  await page.getByText(/listed, oldest/).waitFor({ timeout: 120_000 });
  const started = performance.now();
  const since = () => performance.now() - started;
  // 1,000 of them, from the beginning to the end.
  await page.goto(`${open.url}/ui/buckets/million?sort=name&filter=r.777`);
  await page
    .getByText(/^user\.777\./)
    .first()
    .waitFor({ timeout: 120_000 });
  const first = since();
  await page.getByText(/^1,000 listed, by name, 1,000,000 looked at$/).waitFor({ timeout: 300_000 });
  const last = since();
  const heap = await heapOf(tools);
  console.log(
    `search among ${KEYS.toLocaleString('en')} keys: first hit ${first.toFixed(0)} ms, last ${last.toFixed(0)} ms; kv-key-list of all ${listed.toFixed(0)} ms, ` +
      `ratio ${(last / listed).toFixed(2)} (${RATIO} is allowed); heap ${heap.toFixed(1)} MiB (${HEAP_MIB} are allowed)`,
  );
  await page.context().close();
}

async function listAll(kvflow: Open['kvflow']): Promise<number> {
  const started = performance.now();
  for (let start_seq = 0, more = true; more; ) {
    const page = await calls.list(kvflow, {
      bucket: 'million',
      start_seq,
      limit: 1_000,
      include_values: false,
    });
    [start_seq, more] = [page.next_seq, page.has_more];
  }
  return performance.now() - started;
}

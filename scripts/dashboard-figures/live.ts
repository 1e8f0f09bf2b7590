import { setTimeout as sleep } from 'node:timers/promises';
import { calls } from '../../tests/support/calls.ts';
import { heapOf, type Open, openPage } from './open.ts';

const PER_SECOND = 500;
const TOGETHER = 50;
const SECONDS = 120;
/** What is kept is full by then. */
const EARLY = 30;
const SHARE = 1.2;

/** Live at 500 changes a second for two minutes: whether the page's heap stays flat. */
export async function liveForMinutes(open: Open): Promise<void> {
  const { kvflow } = open;
  await calls.create(kvflow, { bucket: 'busy', storage: 'memory' });
  const { page, tools } = await openPage(open, 'live?bucket=busy');
  await page.getByText('Live', { exact: true }).nth(2).waitFor();
  let [written, early] = [0, 0];
  const started = Date.now();
  while (written < PER_SECOND * SECONDS) {
    const items = Array.from({ length: TOGETHER }, (_, i) => ({
      key: `k.${(written + i) % 5_000}`,
      value: `{"n":${written + i}}`,
    }));
    await kvflow.call('kv-key-put-many', { bucket: 'busy', items });
    written += TOGETHER;
    if (early === 0 && written >= PER_SECOND * EARLY) early = await heapOf(tools);
    await sleep(Math.max(0, started + (written / PER_SECOND) * 1_000 - Date.now()));
  }
  const seconds = (Date.now() - started) / 1_000;
  await page
    .getByText(`{"n":${written - 1}}`)
    .first()
    .waitFor();
  const late = await heapOf(tools);
  console.log(
    `live: ${written.toLocaleString('en')} changes in ${seconds.toFixed(0)} s (${(written / seconds).toFixed(0)} a second); heap ${early.toFixed(1)} MiB after ${EARLY} s, ` +
      `${late.toFixed(1)} MiB at the end, ${(late / early).toFixed(2)} times as much (${SHARE} is allowed)`,
  );
  await page.context().close();
}

/** Five jobs, two workers; one job fails at first and is done by whoever takes it next. */
import { createClient } from '@kvflow/client';

const kvflow = createClient({
  url: process.env.KVFLOW_URL ?? 'http://127.0.0.1:4280',
  apiKey: process.env.KVFLOW_KEY,
});
const queue = { bucket: 'jobs', queue: 'mails' };

await kvflow.kvBucketCreate({ bucket: 'jobs', key_ttl: true });
for (const id of ['a', 'b', 'c', 'd', 'e']) {
  // With an id, a job that is in the queue already is not added twice.
  await kvflow.kvQueuePush({ ...queue, id, value: { to: `${id}@example.com` } });
}

const done = [];
await Promise.all([work(), work()]);
console.log('done:', done.sort().join(' '));

async function work() {
  for (;;) {
    // Nobody else gets the job for a second; a worker that dies leaves it to the next.
    const job = await kvflow.kvQueueTake({ ...queue, lease: 1_000_000_000 });
    if (!job.taken) {
      const { length } = await kvflow.kvQueueInfo(queue);
      if (length === 0) return;
      await new Promise(resolve => setTimeout(resolve, 100));
      continue;
    }
    const { to } = JSON.parse(job.value);
    if (job.id === 'c' && job.tries === 1) {
      console.log(`${to} bounced; again in a second`);
      continue;
    }
    const { done: mine } = await kvflow.kvQueueDone({ ...queue, id: job.id, receipt: job.receipt });
    if (mine) done.push(job.id);
  }
}

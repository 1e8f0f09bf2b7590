/** A service whose settings change while it runs: it reads them once, and is told of every change. */
import { createClient } from '@kvflow/client';

const kvflow = createClient({
  url: process.env.KVFLOW_URL ?? 'http://127.0.0.1:4280',
  apiKey: process.env.KVFLOW_KEY,
});
const bucket = 'config';

await kvflow.kvBucketCreate({ bucket });
await kvflow.kvKeyPut({ bucket, key: 'mailer.batch', value: { size: 10 } });

const ending = new AbortController();
const settings = {};
// First what is there, then every change; lost connections are survived without a gap.
for await (const { operation, key, value } of kvflow.watch(bucket, {
  filter: 'mailer.*',
  start: 'current',
  signal: ending.signal,
})) {
  if (operation === 'put') settings[key] = JSON.parse(value);
  else delete settings[key];
  console.log(operation, key, JSON.stringify(settings[key] ?? null));
  await somebodyChanges();
}

/** What an operator does meanwhile: another size, then none. */
async function somebodyChanges() {
  if (settings['mailer.batch']?.size === 10)
    await kvflow.kvKeyPut({ bucket, key: 'mailer.batch', value: { size: 50 } });
  else if (settings['mailer.batch']) await kvflow.kvKeyDelete({ bucket, key: 'mailer.batch' });
  else ending.abort();
}

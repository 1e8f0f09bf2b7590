/** A visitor who logs in later: the rows of before get the email too. */
import { createClient } from '@kvflow/client';

const kvflow = createClient({
  url: process.env.KVFLOW_URL ?? 'http://127.0.0.1:4280',
  apiKey: process.env.KVFLOW_KEY,
});
const destination = 'embedded'; // SQLite in kvflow's data directory; your own is an entry in kvflow.yaml

await kvflow.identify({
  destination,
  events: [
    { event_id: 'example-1', page: '/', user: { anonymous_id: 'v1' } },
    { event_id: 'example-2', page: '/prices', user: { anonymous_id: 'v1' } },
  ],
});
const { recognized } = await kvflow.identify({
  destination,
  event: { event_id: 'example-3', page: '/login', user: { anonymous_id: 'v1', email: 'ada@example.com' } },
});
console.log('recognized:', recognized);

const { rows } = await kvflow.warehouseQuery({
  destination,
  sql: "SELECT page, user_email FROM events WHERE event_id LIKE 'example-%' ORDER BY event_id",
});
for (const [page, email] of rows) console.log(page, email);

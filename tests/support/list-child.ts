/** Lists the first page of a bucket, prints its keys and its cursor and waits to be killed: `node list-child.ts URL BUCKET LIMIT`. */
import { openNats } from '../../runtime/nats/open.ts';
import { soon } from './soon.ts';

const [url = '', bucket = '', limit = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined };
const { kv } = openNats({ servers: [url] }, silent);
const page = { bucket, startSeq: 0, limit: Number(limit), filter: '>' };
const { entries, cursor } = await kv.listPage(soon(), page);
console.info(JSON.stringify({ keys: entries.map(({ key }) => key), cursor }));
setInterval(() => undefined, 60_000);

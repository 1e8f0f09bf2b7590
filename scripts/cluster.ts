/** `npm run cluster`: a NATS cluster of three servers on loopback to try things with, until it is interrupted; its data goes with it. */
import { once } from 'node:events';
import { startCluster } from '../tests/support/topologies.ts';

const cluster = await startCluster(3);
console.log(`Three servers of one cluster are ready. Start kvflow on them in another terminal:

  NATS_URL=${cluster.urls.join(',')} npm run kvflow -- start

Buckets on all three: kvflow invoke kv-bucket-create '{ "bucket": "b", "num_replicas": 3 }'
Ctrl-C ends them and removes their data.`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await cluster[Symbol.asyncDispose]();

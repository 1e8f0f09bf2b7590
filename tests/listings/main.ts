/**
 * `npm run test:listings`: 10,000 listings, exports, trees, searches and reads of many keys while others write all keys again and again, `-- 2000` for
 * so many, `-- 2000 17` with a seed. In every setting of history, writers, storage and replicas: how many were made, and how many left a key out or,
 * where each is to come once, had one twice. None may.
 */
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import type { Random } from '../support/random.ts';
import { createRandom } from '../support/random.ts';
import { startCluster } from '../support/topologies.ts';
import { answers } from './answers.ts';

interface Setting {
  replicas: 1 | 3;
  storage: 'file' | 'memory';
  history: number;
  writers: number;
}

const KEYS = Array.from({ length: 200 }, (_, index) => `k.${index}`);
const all = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 100_000);
const settings: Setting[] = ([1, 3] as const).flatMap(replicas =>
  (['file', 'memory'] as const).flatMap(storage =>
    [1, 5, 64].flatMap(history => [1, 8].map(writers => ({ replicas, storage, history, writers }))),
  ),
);
const each = Math.ceil(all / settings.length);
console.log(`seed ${seed}; ${each} in each of ${settings.length} settings`);
let [made, incomplete, number] = [0, 0, 0];
for (const replicas of [1, 3] as const) {
  await using place = replicas === 1 ? await startOne() : await startCluster(3);
  for (const setting of settings.filter(one => one.replicas === replicas)) {
    const bucket = `b${number++}`;
    const kvflows = [0, 1, 2].map(i => joinNats({ servers: [place.urls[i % place.urls.length] ?? ''] }));
    const began = Date.now();
    const { faults, written } = await run(kvflows, bucket, setting).finally(() => endAll(kvflows));
    made += each;
    incomplete += faults.length;
    const said = Object.entries(setting).map(([name, value]) => `${name} ${value}`);
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    console.log(
      `${said.join(', ')}: ${each} made, ${faults.length} incomplete, ${written} writes, ${seconds} s`,
    );
    for (const fault of faults.slice(0, 5)) console.log(`  ${fault}`);
  }
}
console.log(`${made} listings, ${incomplete} incomplete`);
process.exitCode = incomplete > 0 ? 1 : 0;

async function startOne() {
  const server = await startNats();
  return { urls: [server.url], [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

async function endAll(kvflows: TestKvflow[]): Promise<void> {
  for (const kvflow of kvflows) await kvflow[Symbol.asyncDispose]();
}

async function run(kvflows: TestKvflow[], bucket: string, { writers, replicas, history, storage }: Setting) {
  const random = createRandom(seed + number);
  const [first] = kvflows;
  if (!first) throw new Error('needs a kvflow');
  await first.call('kv-bucket-create', { bucket, history, storage, num_replicas: replicas });
  await first.call('kv-key-put-many', { bucket, items: KEYS.map(key => ({ key, value: '0' })) });
  const faults: string[] = [];
  let [done, written] = [false, 0];
  const writing = Array.from({ length: writers }, async (_, writer) => {
    const own = createRandom(seed + number * 100 + writer);
    while (!done) written += await write(own.pick(kvflows), bucket, own);
  });
  try {
    for (let turn = 0; turn < each; turn++) {
      const answer = answers[turn % answers.length];
      if (!answer) continue;
      const found = await answer.keys(random.pick(kvflows), {
        bucket,
        keys: KEYS,
        limit: 1 + random.below(300),
      });
      const there = new Set(found);
      const missing = KEYS.filter(key => !there.has(key));
      if (missing.length > 0) faults.push(`${answer.name} ${turn} left out ${missing.join(' ')}`);
      else if (answer.once && there.size < found.length) faults.push(`${answer.name} ${turn} had keys twice`);
    }
  } finally {
    done = true;
    await Promise.all(writing);
  }
  return { faults, written };
}

/** One of the keys again, or others that come and go; answers how many writes. */
async function write(k: TestKvflow, bucket: string, random: Random): Promise<number> {
  const value = String(random.next());
  await k.call('kv-key-put', { bucket, key: random.pick(KEYS), value });
  if (random.chance(0.8)) return 1;
  const key = `gone.${random.below(20)}`;
  await k.call('kv-key-put', { bucket, key, value });
  await k.call(random.chance(0.5) ? 'kv-key-purge' : 'kv-key-delete', { bucket, key });
  // The same key is made again at once, or some time later.
  if (random.chance(0.3)) return 3;
  await k.call('kv-key-put', { bucket, key, value });
  return 4;
}

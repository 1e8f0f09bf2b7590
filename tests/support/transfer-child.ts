/**
 * A process that moves amounts between accounts until its input ends: `node transfer-child.ts <work as JSON>`. Each
 * transfer also writes a key of its own, and a line tells what the process was told of it: stored, refused or unknown.
 */
import { PackError } from '../../contract/errors.ts';
import { isEntry } from '../../runtime/core/ports.ts';
import { openNats } from '../../runtime/nats/open.ts';

/** What the process is to do. */
export interface TransferWork {
  servers: string[];
  bucket: string;
  accounts: number;
  callers: number;
  /** Begins the keys of its transfers. */
  name: string;
  seed: number;
}

const work = JSON.parse(process.argv[2] ?? '') as TransferWork;
const nats = openNats({ servers: work.servers }, { info: () => undefined, warn: () => undefined });
const { kv } = nats;
const { bucket } = work;
let state = work.seed;
let ended = false;
let transfers = 0;

process.stdin.resume();
process.stdin.once('end', () => (ended = true));
await Promise.all(Array.from({ length: work.callers }, caller));
await nats.close();

async function caller(): Promise<void> {
  while (!ended) {
    const id = `${work.name}.${transfers++}`;
    try {
      await transfer(id);
      process.stdout.write(`${id} stored\n`);
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      process.stdout.write(`${id} ${error.code === 'TIMEOUT' ? 'unknown' : 'refused'} ${error.code}\n`);
    }
  }
}

async function transfer(id: string): Promise<void> {
  const call = { deadline: Date.now() + 8_000 };
  const from = random(work.accounts);
  const keys = [`account.${from}`, `account.${(from + 1 + random(work.accounts - 1)) % work.accounts}`];
  const { found } = await kv.getTogether(call, bucket, keys);
  const amount = 1 + random(9);
  await kv.transact(call, {
    bucket,
    operations: [
      ...keys.map((key, side) => {
        const entry = found[side];
        if (!isEntry(entry)) throw new Error(`account ${key} is gone`);
        const value = Number(Buffer.from(entry.value)) + (side === 0 ? -amount : amount);
        return { op: 'put' as const, key, value: String(value), expectedRevision: entry.revision };
      }),
      { op: 'put' as const, key: `transfer.${id}`, value: String(amount), expectedRevision: 0 },
    ],
  });
}

/** Mulberry32, so that a seed makes the same transfers again. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

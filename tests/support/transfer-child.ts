/**
 * A process that moves amounts between accounts until its input ends: `node transfer-child.ts <work as JSON>`. Each
 * transfer also writes a key of its own, and a line tells what the process was told of it: stored, refused or unknown.
 */
import { PackError } from '../../contract/errors.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { isEntry } from '../../runtime/core/ports/items.ts';
import { joinNats } from '../../runtime/main/join-nats.ts';
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
  /** By the store's transactions, or by `$kv` of transform. */
  by: 'transact' | 'script';
}

const SCRIPT = `const [from, to] = $.keys;
await $kv.set(from, (await $kv.get(from)) - $.amount);
await $kv.set(to, (await $kv.get(to)) + $.amount);
await $kv.set('transfer-' + $.id, $.amount);
return {};`;
const CALL_MS = 8_000;

const work = JSON.parse(process.argv[2] ?? '') as TransferWork;
const { bucket } = work;
let state = work.seed;
let ended = false;
let transfers = 0;

process.stdin.resume();
process.stdin.once('end', () => (ended = true));
if (work.by === 'script') await byScript();
else await byTransactions();

async function byTransactions(): Promise<void> {
  const nats = openNats({ servers: work.servers }, { info: () => undefined, warn: () => undefined });
  const { kv } = nats;
  await transferUntilEnd(async ({ id, keys, amount }) => {
    const call = { deadline: Date.now() + CALL_MS };
    const { found } = await kv.getTogether(call, bucket, keys);
    await kv.transact(call, {
      bucket,
      operations: [
        ...keys.map((key, side) => {
          const entry = found[side];
          if (!isEntry(entry)) throw new Error(`account ${key} is gone`);
          const value = Number(Buffer.from(entry.value)) + (side === 0 ? -amount : amount);
          return { op: 'put' as const, key, value: String(value), expectedRevision: entry.revision };
        }),
        { op: 'put' as const, key: `transfer-${id}`, value: String(amount), expectedRevision: 0 },
      ],
    });
  });
  await nats.close();
}

async function byScript(): Promise<void> {
  const { invoke, close } = await joinNats({ servers: work.servers });
  await transferUntilEnd(async event => {
    const input = { script: SCRIPT, event, kv_bucket: bucket, namespace: 'bank', timeout_ms: 10_000 };
    const envelope = await invoke('transform', input, { timeoutMs: CALL_MS });
    if (!isFailure(envelope)) return;
    const { code, message } = envelope.error;
    throw new PackError(code, message);
  });
  await close();
}

interface Transfer {
  id: string;
  keys: string[];
  amount: number;
}

async function transferUntilEnd(transfer: (what: Transfer) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: work.callers }, caller));

  async function caller(): Promise<void> {
    while (!ended) {
      const id = `${work.name}-${transfers++}`;
      const from = random(work.accounts);
      const to = (from + 1 + random(work.accounts - 1)) % work.accounts;
      try {
        await transfer({ id, keys: [`account-${from}`, `account-${to}`], amount: 1 + random(9) });
        process.stdout.write(`${id} stored\n`);
      } catch (error) {
        if (!(error instanceof PackError)) throw error;
        process.stdout.write(`${id} ${error.code === 'TIMEOUT' ? 'unknown' : 'refused'} ${error.code}\n`);
      }
    }
  }
}

/** Mulberry32, so that a seed makes the same transfers again. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from '@jest/globals';
import { isEntry } from '../../runtime/core/ports/items.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import { childPath } from './children.ts';
import { eventually } from './eventually.ts';
import { PATIENCE } from './patience.ts';
import type { TransferWork } from './transfer-child.ts';

const CHILD = childPath('transfer-child');
const START = 1_000;

/** What processes were told of their transfers. */
export interface Told {
  stored: Set<string>;
  refused: Set<string>;
  unknown: Set<string>;
}

/** Starts a process that transfers, and notes what it is told. */
export function startTransfers(work: TransferWork, told: Told) {
  const child = spawn(process.execPath, ['--no-warnings', CHILD, JSON.stringify(work)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', line => {
    const [id = '', outcome = ''] = line.split(' ');
    told[outcome as keyof Told].add(id);
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    kill,
    /** Nobody goes on after a test that failed. */
    [Symbol.asyncDispose]: kill,
    end: async () => {
      child.stdin.end();
      const [code] = await exited;
      expect(code).toBe(0);
    },
  };
}

/** Accounts of one bucket; `prefix` begins their keys, as the namespace of `$kv` does. */
export function accountsOf(
  kv: KvStore,
  bucket: string,
  { accounts, prefix = '' }: { accounts: number; prefix?: string },
) {
  const keys = Array.from({ length: accounts }, (_, i) => `${prefix}account-${i}`);
  const isTransfer = `${prefix}transfer-`;
  const soon = () => ({ deadline: Date.now() + 20_000 * PATIENCE });
  return {
    open: () =>
      kv.transact(soon(), {
        bucket,
        operations: keys.map(key => ({ op: 'put', key, value: String(START), expectedRevision: 0 })),
      }),
    /** All at one revision must add up to what there was at the start. */
    check: async () => {
      const { found } = await kv.getTogether(soon(), bucket, keys);
      const sum = found.reduce(
        (total, each) => total + (isEntry(each) ? Number(Buffer.from(each.value)) : Number.NaN),
        0,
      );
      expect(sum).toBe(accounts * START);
    },
    /** What was told is what there is. */
    compare: async (told: Told) => {
      const listed = await eventually(() => kv.keys(soon(), bucket, '>'));
      const transfers = listed.filter(key => key.startsWith(isTransfer));
      const kept = new Set(transfers.map(key => key.slice(isTransfer.length)));
      expect([...told.stored].filter(id => !kept.has(id))).toEqual([]);
      expect([...told.refused].filter(id => kept.has(id))).toEqual([]);
      return kept.size;
    },
  };
}

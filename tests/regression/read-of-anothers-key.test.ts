import { expect, test } from '@jest/globals';
import type { EventCommit, EventOutcome, KeySeen } from '../../runtime/sandbox/kv/commits.ts';
import { createCommits } from '../../runtime/sandbox/kv/commits.ts';
import { memoryStore } from '../runtime/sandbox/support.ts';

/**
 * Two events of a call that wait together and each write one key were stored one by one, whatever else they had read. What the first read
 * of the second's key was never looked at again; and the second was stored where the first, which it had gone on from, was not.
 */
test('transform $kv - an event that read a key which another of its call writes holds only as long as what it read', async () => {
  const { store, stored } = twoKeys();
  const first = stored([{ key: 'count', at: 1 }], 'list');
  const second = stored([{ key: 'count', at: 1 }], 'count');
  store.put('count', '"of another process"');
  expect([await first, await second]).toEqual([{ conflicts: ['count'] }, { conflicts: ['count'] }]);
  expect([store.read('list'), store.read('count')]).toEqual([0, 'of another process']);
});

test('transform $kv - an event that goes on from one before it is not stored without it', async () => {
  const { store, commits, stored } = twoKeys();
  const first = stored([{ key: 'count', at: 1 }], 'count');
  const before = commits.peek('count');
  if (!before) throw new Error('what is not stored yet is not seen');
  const second = stored([{ key: 'count', at: before.by }], 'list');
  store.put('count', '"of another process"');
  expect([await first, await second]).toEqual([{ conflicts: ['count'] }, { conflicts: ['count'] }]);
  expect([store.read('list'), store.read('count')]).toEqual([0, 'of another process']);
});

/** `count` is at revision 1 and `list` at 2. */
function twoKeys() {
  const store = memoryStore();
  store.put('count', '0');
  store.put('list', '0');
  const commits = createCommits();
  const owner = {};
  const stored = (reads: KeySeen[], key: string): Promise<EventOutcome> => {
    const write = { key, json: '"of an event"', ttlMs: 0 };
    const commit: EventCommit = { kv: store.kv, owner, reads, writes: [write], isWanted: () => true };
    return commits.store(commit);
  };
  return { store, commits, stored };
}

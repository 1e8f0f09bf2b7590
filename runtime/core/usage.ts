/** What fills a bucket, summed by the beginnings of keys. */
import type { KvEntry } from './ports/items.ts';
import type { KvStored } from './ports/pages.ts';

/** What is under one beginning of keys. */
export interface UsageGroup {
  prefix: string;
  /** Bytes of everything stored: values, past values, markers, and what the server stores around them. */
  bytes: number;
  /** Messages: a value or a marker each. */
  revisions: number;
  markers: number;
  /** Bytes of what was stored lately. */
  recent_bytes: number;
  /** Live items. */
  keys: number;
  /** Bytes of their values. */
  value_bytes: number;
  /** Live items that nothing ends by itself. */
  without_ttl: number;
}

/** One live item. */
export interface LargeItem {
  key: string;
  size: number;
  sequence: number;
}

/** How keys are put together, and what is answered of them. */
export interface UsageOptions {
  separator: string;
  /** Parts of a key that make its group. */
  depth: number;
  /** Most groups and items to answer. */
  limit: number;
  /** RFC 3339: what was stored after it is recent. */
  recentSince: string;
}

/** Sums of some of a bucket; those of several parts add up. */
export interface Usage {
  addStored(messages: readonly KvStored[]): void;
  addLive(entries: readonly KvEntry[]): void;
  /** The largest groups, one for all others where there are more, and the largest items. */
  answer(): { groups: UsageGroup[]; others?: Omit<UsageGroup, 'prefix'>; largest: LargeItem[] };
}

/** Begins with nothing. */
export function createUsage({ separator, depth, limit, recentSince }: UsageOptions): Usage {
  const groups = new Map<string, UsageGroup>();
  let largest: LargeItem[] = [];
  return { addStored, addLive, answer };

  function addStored(messages: readonly KvStored[]): void {
    for (const { key, bytes, operation, createdAt } of messages) {
      const group = groupOf(key);
      group.bytes += bytes;
      group.revisions += 1;
      if (operation) group.markers += 1;
      if (createdAt > recentSince) group.recent_bytes += bytes;
    }
  }

  function addLive(entries: readonly KvEntry[]): void {
    for (const { key, value, size = value.length, revision, expiresAt } of entries) {
      const group = groupOf(key);
      group.keys += 1;
      group.value_bytes += size;
      if (!expiresAt) group.without_ttl += 1;
      largest.push({ key, size, sequence: revision });
    }
    largest = largest.sort((a, b) => b.size - a.size).slice(0, limit);
  }

  function groupOf(key: string): UsageGroup {
    const prefix = prefixOf(key, separator, depth);
    let group = groups.get(prefix);
    if (!group) {
      group = { prefix, ...empty() };
      groups.set(prefix, group);
    }
    return group;
  }

  function answer() {
    const sorted = [...groups.values()].sort((a, b) => b.bytes - a.bytes || b.value_bytes - a.value_bytes);
    const [shown, rest] = [sorted.slice(0, limit), sorted.slice(limit)];
    return { groups: shown, ...(rest.length > 0 && { others: sumOf(rest) }), largest };
  }
}

/** The beginning of a key, up to and with its `depth`th separator, or its last where it has fewer; empty where it has none. */
export function prefixOf(key: string, separator: string, depth: number): string {
  let end = 0;
  for (let parts = 0; parts < depth; parts++) {
    const at = key.indexOf(separator, end);
    if (at < 0) break;
    end = at + separator.length;
  }
  return key.slice(0, end);
}

function empty(): Omit<UsageGroup, 'prefix'> {
  return { bytes: 0, revisions: 0, markers: 0, recent_bytes: 0, keys: 0, value_bytes: 0, without_ttl: 0 };
}

function sumOf(groups: readonly UsageGroup[]): Omit<UsageGroup, 'prefix'> {
  const sum = empty();
  for (const { prefix: _prefix, ...group } of groups)
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += group[name];
  return sum;
}

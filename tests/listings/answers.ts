import type { TestKvflow } from '../support/kvflow.ts';

/** Which keys of which bucket are there all the time, and how long a page may be. */
export interface Asked {
  bucket: string;
  keys: readonly string[];
  limit: number;
}

/** A way to be told of many keys. */
export interface Answer {
  name: string;
  /** Each key comes once. */
  once: boolean;
  keys(k: TestKvflow, asked: Asked): Promise<string[]>;
}

interface Page {
  items?: { key: string }[];
  records?: { key: string }[];
  has_more: boolean;
  next_seq?: number;
  cursor?: string;
}

const FILTER = 'k.*';

/** All of them, each page by page where it has pages. */
export const answers: readonly Answer[] = [
  {
    name: 'a listing by number',
    once: false,
    keys: (k, asked) => byNumber(k, 'kv-key-list', asked, { filter: FILTER }),
  },
  {
    name: 'a listing by cursor',
    once: true,
    keys: (k, asked) => byCursor(k, 'kv-key-list', asked, { filter: FILTER }),
  },
  {
    name: 'a listing of names',
    once: true,
    keys: (k, asked) => byCursor(k, 'kv-key-list', asked, { filter: FILTER, include_values: false }),
  },
  {
    name: 'an export',
    once: true,
    keys: (k, asked) => byCursor(k, 'kv-bucket-export', asked, { filter: FILTER }),
  },
  { name: 'a tree', once: true, keys: tree },
  { name: 'a search', once: false, keys: (k, asked) => byNumber(k, 'kv-key-find', asked, { query: 'k.' }) },
  { name: 'a read of many', once: true, keys: many },
];

async function byNumber(k: TestKvflow, name: string, { bucket, limit }: Asked, input: object) {
  const found: string[] = [];
  // Whoever writes all the time is always ahead of short pages: those are read to their end all the same, some time.
  for (let start_seq = 0; ; ) {
    const page = (await k.call(name, { bucket, limit: limit + 100, start_seq, ...input })) as unknown as Page;
    found.push(...keysOf(page));
    if (!page.has_more) return found;
    start_seq = page.next_seq ?? 0;
  }
}

async function byCursor(k: TestKvflow, name: string, { bucket, limit }: Asked, input: object) {
  const found: string[] = [];
  for (let from: object = {}; ; ) {
    const page = (await k.call(name, { bucket, limit, ...input, ...from })) as unknown as Page;
    found.push(...keysOf(page));
    if (page.cursor === undefined) return found;
    from = { cursor: page.cursor };
  }
}

async function tree(k: TestKvflow, { bucket }: Asked): Promise<string[]> {
  const { children } = (await k.call('kv-key-tree', { bucket, prefix: 'k.' })) as unknown as {
    children: { key?: string }[];
  };
  return children.flatMap(({ key }) => key ?? []);
}

async function many(k: TestKvflow, { bucket, keys }: Asked): Promise<string[]> {
  return keysOf((await k.call('kv-key-get-many', { bucket, keys: [...keys] })) as unknown as Page);
}

function keysOf({ items, records }: Page): string[] {
  return (items ?? records ?? []).map(({ key }) => key);
}

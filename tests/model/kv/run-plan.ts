import type { KvKeyListOutput, KvKeyWatchOutput } from '../../../contract/types.gen.ts';
import { isFailure } from '../../../runtime/core/envelope.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import type { Purge, Read, Write } from './claims.ts';
import { faultsOf, faultsOfPurges, faultsOfWatch } from './claims.ts';
import type { Command, Plan } from './commands.ts';
import { KEYS } from './commands.ts';

/** Where a plan runs: the callers go to these processes in turn. */
export interface Stage {
  processes: TestKvflow[];
  replicas: number;
  /** Calls a function; a test of the model puts a fault here. */
  invoke?: TestKvflow['invoke'];
}

const SECOND = 1_000_000_000;
/** A read of small pages while others write need not end. */
const MAX_PAGES = 100;
let buckets = 0;

/** Lets all callers do what they do at once; answers what was wrong, in words, and how many reads there were. */
export async function runPlan({ processes, replicas, invoke }: Stage, plan: Plan) {
  const [first] = processes;
  if (!first) throw new Error('a plan needs a process');
  const bucket = `model-${process.pid}-${buckets++}`;
  const { history, storage } = plan;
  await first.call('kv-bucket-create', { bucket, history, storage, key_ttl: true, num_replicas: replicas });
  const writes = new Map<string, Write[]>();
  const reads: Read[] = [];
  const purges: Purge[] = [];
  const events: KvKeyWatchOutput['events'] = [];
  const known = new Map<string, number>();
  let [clock, values, watching] = [0, 0, false];
  let place: string | undefined;
  await Promise.all(plan.callers.map((commands, index) => caller(commands, index)));
  await watch(first);
  const faults = [
    ...reads.flatMap(read => [...faultsOf(read, writes), ...faultsOfPurges(read, purges, writes)]),
    ...faultsOfWatch(events, writes, history),
  ];
  return { faults, reads: reads.length, writes: values };

  async function caller(commands: Command[], index: number): Promise<void> {
    const k = processes[index % processes.length] ?? first;
    for (const command of commands) if (k) await step(k, command);
  }

  async function step(k: TestKvflow, command: Command): Promise<void> {
    switch (command.do) {
      case 'putMany':
      case 'import':
        return await writeMany(k, command.do, command.keys.map(name(command.do === 'import' ? 'i' : 'k')));
      case 'list':
      case 'listOnce':
      case 'export':
        return await pages(k, command);
      case 'history':
      case 'exportAll':
      case 'deleted':
      case 'find':
      case 'changes':
        return await follow(k, command.do, command.limit);
      case 'tree':
        return await tree(k);
      case 'getMany':
        return await getMany(k, command.keys.map(name('k')));
      case 'purgeAll':
        return await purgeAll(k);
      case 'watch':
        return await watch(k);
      default:
        return await write(k, command.do, name('k')(command.key));
    }
  }

  async function data<T>(k: TestKvflow, fn: string, input: object): Promise<T | undefined> {
    const envelope = await (invoke ?? k.invoke)(fn, { bucket, ...input });
    if (!isFailure(envelope)) return envelope.data as T;
    if (envelope.status_code === 409) return undefined;
    throw new Error(`${fn} failed: ${JSON.stringify(envelope.error)}`);
  }

  async function write(k: TestKvflow, how: 'put' | 'cas' | 'delete' | 'purge' | 'ttl', key: string) {
    const value = how === 'delete' || how === 'purge' ? undefined : `v${values++}`;
    const entry: Write = {
      key,
      value,
      revision: undefined,
      begun: clock++,
      done: Infinity,
      expires: how === 'ttl',
    };
    const input = {
      key,
      ...(value !== undefined && { value }),
      ...(how === 'ttl' && { ttl: SECOND }),
      ...(how === 'cas' && { expected_revision: known.get(key) ?? 0 }),
    };
    // It counts from its beginning: a reader may see it before its answer is here.
    if (value === undefined) note(entry);
    const fn = value === undefined ? `kv-key-${how}` : 'kv-key-put';
    const done = await data<{ revision?: number }>(k, fn, input);
    entry.done = clock++;
    entry.revision = done?.revision;
    if (done?.revision !== undefined) known.set(key, done.revision);
    if (value !== undefined && done) note(entry);
  }

  /** Each key may lose its value from the beginning on, and has lost what it had then when the answer is here. */
  async function purgeAll(k: TestKvflow): Promise<void> {
    const begun = clock++;
    const all = Array.from({ length: KEYS }, (_, index) => name('k')(index));
    const entries = all.map(
      (key): Write => ({ key, value: undefined, revision: undefined, begun, done: Infinity, expires: false }),
    );
    for (const entry of entries) note(entry);
    await data(k, 'kv-key-purge', { filter: 'k.*' });
    const done = clock++;
    for (const entry of entries) entry.done = done;
    purges.push({ begun, done, covers: key => key.startsWith('k.') });
  }

  async function writeMany(k: TestKvflow, how: 'putMany' | 'import', keys: string[]): Promise<void> {
    const begun = clock++;
    const items = keys.map(key => ({ key, value: `v${values++}` }));
    const done =
      how === 'putMany'
        ? await data<{ items: { data?: { revision: number } }[] }>(k, 'kv-key-put-many', { items })
        : await data<{ items?: undefined }>(k, 'kv-bucket-import', {
            records: items,
            on_conflict: 'overwrite',
          });
    const now = clock++;
    for (const [at, item] of items.entries()) {
      const revision = done?.items?.[at]?.data?.revision;
      note({ ...item, revision, begun, done: now, expires: false });
    }
  }

  function note(entry: Write): void {
    const all = writes.get(entry.key);
    if (all) all.push(entry);
    else writes.set(entry.key, [entry]);
  }

  async function pages(
    k: TestKvflow,
    {
      do: how,
      limit,
      values: include_values,
    }: Command & { do: 'list' | 'listOnce' | 'export'; limit: number; values: boolean },
  ) {
    const begun = clock++;
    const found: Read['found'] = [];
    const fn = how === 'export' ? 'kv-bucket-export' : 'kv-key-list';
    let isPart = false;
    for (let [from, left] = [{} as object, MAX_PAGES]; ; left--) {
      // By number a busy listing of small pages need not end.
      if (left === 0) isPart = true;
      if (left === 0) break;
      const input = { limit, ...from, ...(how !== 'export' && { include_values }) };
      const page = await data<
        KvKeyListOutput & { records?: { key: string; revision: number; value: string }[]; next?: number }
      >(k, fn, input);
      if (!page) throw new Error(`${fn}: conflict`);
      found.push(
        ...(page.records ??
          page.items.map(({ key, sequence, value }) => ({ key, revision: sequence, value }))),
      );
      if (!page.has_more) break;
      from = how === 'list' ? { start_seq: page.next_seq } : { cursor: page.cursor };
    }
    reads.push({
      what: `${how} by ${limit}`,
      isPart,
      begun,
      done: clock++,
      covers: () => true,
      found,
      once: how !== 'list',
      mayBeStale: replicas > 1,
    });
  }

  /** Other reads by pages: what is deleted, past revisions, keys that match, the newest changes. */
  async function follow(k: TestKvflow, how: keyof typeof FOLLOWED, limit: number): Promise<void> {
    const { fn, asked, onward, itemsOf, once, of } = FOLLOWED[how];
    const begun = clock++;
    const found: Read['found'] = [];
    let isPart = true;
    for (let [from, left] = [{} as object, MAX_PAGES]; left > 0; left--) {
      const page = await data<Followed>(k, fn, { limit, ...asked, ...from });
      if (!page) throw new Error(`${fn}: conflict`);
      found.push(...itemsOf(page));
      isPart = page.has_more;
      if (!isPart) break;
      from = onward(page);
    }
    const what = `${how} by ${limit}`;
    // Past values are what a history is of.
    reads.push({
      what,
      isPart,
      begun,
      done: clock++,
      covers: () => true,
      found,
      once,
      mayBeStale: true,
      ...(of && { of }),
    });
  }

  async function tree(k: TestKvflow): Promise<void> {
    const begun = clock++;
    const answer = await data<{ children: { key?: string }[] }>(k, 'kv-key-tree', { prefix: 'k.' });
    const found = (answer?.children ?? []).flatMap(({ key }) => (key === undefined ? [] : { key }));
    const covers = (key: string) => key.startsWith('k.');
    reads.push({ what: 'tree', begun, done: clock++, covers, found, once: true, mayBeStale: true });
  }

  async function getMany(k: TestKvflow, keys: string[]): Promise<void> {
    const begun = clock++;
    const answer = await data<{ items: { key: string; revision: number; value: string }[] }>(
      k,
      'kv-key-get-many',
      { keys },
    );
    const covers = (key: string) => keys.includes(key);
    reads.push({
      what: 'get-many',
      begun,
      done: clock++,
      covers,
      found: answer?.items ?? [],
      once: true,
      mayBeStale: false,
    });
  }

  /** One watch for all: whoever comes goes on where the last one stopped, in whichever process. */
  async function watch(k: TestKvflow): Promise<void> {
    if (watching) return;
    watching = true;
    for (let more = true; more; ) {
      const input = {
        // Each change once: where ends may have been missed it goes on.
        start: 'new',
        ...(place === undefined ? { after: 0 } : { after_id: place }),
        limit: 1000,
        wait_ms: 0,
      };
      const answer = await data<KvKeyWatchOutput>(k, 'kv-key-watch', input);
      events.push(...(answer?.events ?? []));
      more = (answer?.events.length ?? 0) > 0;
      place = answer?.next_id ?? place;
    }
    watching = false;
  }
}

/** A page of any of them. */
interface Followed {
  has_more: boolean;
  next_seq?: number;
  cursor?: string;
  next?: number;
  items?: { key: string; revision?: number; sequence?: number; value?: string }[];
  changes?: { key: string; revision: number }[];
  records?: { key: string; revision: number; value?: string }[];
}

interface Follow {
  fn: string;
  asked: object;
  onward(page: Followed): object;
  itemsOf(page: Followed): Read['found'];
  once: Read['once'];
  of?: Read['of'];
}

const byNumber = ({ next_seq }: Followed) => ({ start_seq: next_seq });
const itemsOf = ({ items = [] }: Followed) =>
  items.map(({ key, revision, sequence, value }) => ({ key, revision: revision ?? sequence, value }));
const FOLLOWED: Record<'history' | 'exportAll' | 'deleted' | 'find' | 'changes', Follow> = {
  history: {
    fn: 'kv-key-history',
    asked: { filter: '>' },
    onward: byNumber,
    itemsOf,
    once: 'revision',
  },
  // An export with history: markers are records too.
  exportAll: {
    fn: 'kv-bucket-export',
    asked: { history: true },
    onward: ({ next }) => ({ after: next }),
    itemsOf: ({ records = [] }) => records,
    once: 'revision',
  },
  deleted: {
    fn: 'kv-key-list',
    asked: { deleted: true },
    onward: ({ cursor }) => ({ cursor }),
    itemsOf,
    once: true,
    of: 'deleted',
  },
  find: { fn: 'kv-key-find', asked: { query: '.' }, onward: byNumber, itemsOf, once: false },
  changes: {
    fn: 'kv-bucket-changes',
    asked: {},
    onward: ({ next }) => ({ before: next }),
    itemsOf: ({ changes = [] }) => changes,
    once: 'revision',
    of: 'untouched',
  },
};

function name(prefix: string) {
  return (index: number) => `${prefix}.${index % KEYS}`;
}

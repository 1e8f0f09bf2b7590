/** A key that was asked for. To be awaited, and no promise: those of the realm's engine take several times as long. */
export interface Read extends PromiseLike<void> {
  key: string;
  isAnswered: boolean;
  failure: Error | undefined;
  /** JSON of what the key holds. */
  json: string | undefined;
  /** When that ends, in ms since 1970; 0: never. */
  ends: number;
  /** Who awaits it: mostly one. */
  first: Waiter | undefined;
  others: Waiter[] | undefined;
}

interface Waiter {
  go: () => unknown;
  fail: (error: Error) => unknown;
}

/**
 * What an event has asked for, by the number of the read. There is one of these for every event that waits, and what waits is copied
 * by each round of the garbage collector: so it is small, and has no functions of its own.
 */
export interface Reads {
  all: Read[];
  /** From a few on. */
  byKey: Map<string, Read> | undefined;
}

/** Looking through more takes longer than a table. */
const FEW = 8;

/** The read of a key, undefined where it was not asked for. */
export function findRead({ all, byKey }: Reads, key: string): Read | undefined {
  if (byKey) return byKey.get(key);
  for (const read of all) if (read.key === key) return read;
  return undefined;
}

/** Notes that a key is asked for. */
export function addRead(reads: Reads, key: string): Read {
  const read = {
    key,
    isAnswered: false,
    failure: undefined,
    json: undefined,
    ends: 0,
    first: undefined,
    others: undefined,
    // biome-ignore lint/suspicious/noThenProperty: it is made to be awaited.
    then: awaited,
  } as unknown as Read;
  // A list that grows takes room for many more, and nearly all events read one key.
  if (reads.all.length === 0) reads.all = [read];
  else reads.all.push(read);
  if (reads.byKey) reads.byKey.set(key, read);
  else if (reads.all.length > FEW) reads.byKey = new Map(reads.all.map(one => [one.key, one]));
  return read;
}

/** Tells who waits. */
export function answerRead(read: Read): void {
  read.isAnswered = true;
  const { first, others } = read;
  read.first = undefined;
  read.others = undefined;
  if (first) tell(read, first);
  for (const waiter of others ?? []) tell(read, waiter);
}

function awaited(this: Read, go: Waiter['go'], fail: Waiter['fail']): void {
  const waiter = { go, fail };
  if (this.isAnswered) tell(this, waiter);
  else if (!this.first) this.first = waiter;
  else {
    this.others ??= [];
    this.others.push(waiter);
  }
}

function tell({ failure }: Read, { go, fail }: Waiter): void {
  if (failure) fail(failure);
  else go();
}

import type { KvKeyWatchInput } from '../../contract/types.gen.ts';
import type { WrittenBy } from '../../contract/written-by.ts';
import { admit, authorizeCall, readmitting } from './admit.ts';
import type { Call } from './call.ts';
import { toPackError } from './envelope.ts';
import type { InvokeDependencies } from './invoke.ts';
import { nextInvocationId, writerOf } from './invoke.ts';
import type { KvBackup, KvRestore } from './ports/backups.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { KvWatch } from './ports/watches.ts';
import type { Principal } from './principal.ts';
import { EVERYTHING } from './principal.ts';
import { recordCall } from './record-call.ts';
import { scopedKv } from './scoped-kv.ts';
import { watchRange } from './watch-range.ts';

/** Who opens a stream, and who that is later. */
export interface StreamCaller {
  principal: Principal;
  /** Who the caller is now. Throws PackError UNAUTHENTICATED where its key was revoked or has expired. Default: who it was. */
  renew?: (() => Principal) | undefined;
  /** Default: made for the stream. */
  invocationId?: string;
  /** What the caller says of itself. */
  by?: WrittenBy | undefined;
  /** Whether the caller is gone: a watch that it did not wait for is closed as soon as it is open. */
  gone?: () => boolean;
}

/** What can be opened. */
export interface Streams {
  /** The changes of a bucket; the input is that of kv-key-watch, `limit` and `wait_ms` left aside. */
  watch: KvWatch;
  /** A bucket as it is at one moment; the input names it. `handOut` gives away what was made of it, for as long as the caller may have it. */
  backup: KvBackup & { handOut<Part>(parts: AsyncIterable<Part>): AsyncIterable<Part> };
  /** Makes the bucket of a backup; the input names it, and may say `num_replicas`. */
  restore: (backup: Pick<KvRestore, 'header' | 'parts'>) => Promise<void>;
}

/** Opens a stream for a caller. Throws what invoke answers as a failure. */
export type Open = <Name extends keyof Streams>(
  name: Name,
  input: unknown,
  caller: StreamCaller,
) => Promise<Streams[Name]>;

/** The command line on data of this machine. */
export const LOCAL: StreamCaller = { principal: EVERYTHING };

/** The function whose rights and input a watch shares. */
export const WATCH = 'kv-key-watch';

/**
 * Makes the door for what streams, beside invoke: looked up, admitted and validated as a call is, and within a time. Each step is
 * admitted again: what is read after a key was revoked, expired or narrowed is not handed out. Failures are told as those of calls.
 */
export function createOpen({ registry, kv, adminLog, onError }: OpenDependencies): Open {
  return async (name, input, { principal, renew, invocationId = nextInvocationId(), by, gone }) => {
    const { rights, timeoutMs, open } = STREAMS[name];
    const asked = rights.map(each => registry.get(each));
    const letIn = (who: Principal): void => {
      for (const [index, fn] of asked.entries()) (index === 0 ? admit : authorizeCall)(fn, input, who);
    };
    const readmit = readmitting(letIn, principal, renew);
    let last: unknown;
    const told: Told = async work => {
      try {
        return await work();
      } catch (thrown) {
        // What ends a part ends the whole: it is told once.
        if (thrown !== last) onError?.(toPackError(thrown), invocationId, name);
        last = thrown;
        if (onError && isObject(thrown)) TOLD.add(thrown);
        throw thrown;
      }
    };
    const step: Told = work =>
      told(async () => {
        const value = await work();
        readmit();
        return value;
      });
    return await told(async () => {
      letIn(principal);
      const call = { deadline: Date.now() + timeoutMs };
      const kvOf = (who: Principal) => scopedKv(kv as KvStore, who);
      const recorded: Told = work => {
        if (!adminLog) return work();
        const spec = { name, admin: true as const, input: {} };
        return recordCall(adminLog, { spec, input, invocationId, by: writerOf(principal, by) }, work);
      };
      const door = { kv: kvOf(principal), kvNow: () => kvOf(readmit()), call, step, told, recorded, gone };
      return await open(input as never, door);
    });
  };
}

const TOLD = new WeakSet<object>();

/** Whether `onError` was told of what a stream threw: who answers it does not log it again. */
export function wasTold(thrown: unknown): boolean {
  return isObject(thrown) && TOLD.has(thrown);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What {@link createOpen} works with. */
export type OpenDependencies = Pick<InvokeDependencies, 'registry' | 'onError' | 'adminLog'> & {
  kv: Pick<KvStore, 'watch' | 'backup' | 'restore'>;
};

/** How one kind of stream is opened. */
interface Stream<Opened> {
  /** Functions whose rights it takes; the first one's schema is that of the input. */
  rights: readonly string[];
  /** How long it may take to open, and to end where it has an end. */
  timeoutMs: number;
  open(input: never, door: Door): Promise<Opened>;
}

interface Door {
  kv: KvStore;
  /** As who calls now may use it; throws where it may not have the stream any more. */
  kvNow(): KvStore;
  call: Call;
  /** Does a part; throws where the caller may not have it any more. */
  step: Told;
  told: Told;
  /** Does what the log of administrative calls is to keep. */
  recorded: Told;
  gone: (() => boolean) | undefined;
}

/** Does something whose failure is told. */
type Told = <T>(work: () => Promise<T>) => Promise<T>;

/** A bucket of many gigabytes is copied in minutes. */
const BACKUP_MS = 3_600_000;

const STREAMS: { [Name in keyof Streams]: Stream<Streams[Name]> } = {
  watch: {
    rights: [WATCH],
    timeoutMs: 10_000,
    async open(input: KvKeyWatchInput, { kv, call, step, gone }) {
      const watch = await kv.watch(call, watchRange(input));
      if (gone?.()) watch.close();
      return { ...watch, next: (most, waitMs) => step(() => watch.next(most, waitMs)) };
    },
  },
  backup: {
    // It holds a bucket's writes for a moment, as a clone does.
    rights: ['kv-bucket-export', 'kv-bucket-clone'],
    timeoutMs: BACKUP_MS,
    async open({ bucket }: { bucket: string }, { kv, call, step }) {
      const taken = await kv.backup(call, bucket);
      return { ...taken, parts: stepped(taken.parts, step), handOut: parts => stepped(parts, step) };
    },
  },
  restore: {
    rights: ['kv-bucket-create', 'kv-bucket-import'],
    timeoutMs: BACKUP_MS,
    async open({ bucket, num_replicas: replicas }: RestoreInput, { kvNow, call, step, told, recorded }) {
      return ({ header, parts }) =>
        // What the backup itself says needs rights too, and it comes later.
        told(() => {
          const to = { bucket, header, ...(replicas !== undefined && { replicas }) };
          const restoring = kvNow();
          return recorded(() => restoring.restore(call, { ...to, parts: stepped(parts, step) }));
        });
    },
  },
};

interface RestoreInput {
  bucket: string;
  num_replicas?: number;
}

async function* stepped<T>(parts: AsyncIterable<T>, step: Told): AsyncGenerator<T> {
  const reader = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await step(() => reader.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await reader.return?.();
  }
}

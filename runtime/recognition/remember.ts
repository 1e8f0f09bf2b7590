import { PackError } from '../../contract/errors.ts';
import { pipelined } from '../core/pipeline.ts';
import type { KvEntry } from '../core/ports.ts';
import { isEntry } from '../core/ports.ts';
import type { NodeValue } from './classify.ts';
import type { Item, JobContext } from './job.ts';
import { fail, windowOf } from './job.ts';
import type { Json } from './nodes.ts';
import { isTooLarge, putPacked, unpack } from './pack.ts';

/** An anonymous event as it is kept: with all that amending its row takes. */
export interface Remembered {
  table: string;
  primary_key_fields: string[];
  event: Json;
  /** When it happened, or arrived, in milliseconds since 1970. Missing in what a build before wrote. */
  at?: number;
  /** Of `event` only the primary key is known, and the outline of its note: its row is amended, and never made. */
  key_only?: true;
  /** Without a destination: who it was answered as, and the event that named the visitor. */
  recognized?: { identity: NodeValue[]; by: string };
}

/** A remembered event with its place in the bucket. */
export interface Listed {
  visitor: string;
  token: string;
  revision: number;
  remembered: Remembered;
  /** When it was written, in milliseconds since 1970. */
  writtenAt: number;
  /** RFC 3339. */
  expiresAt?: string;
}

const IN_FLIGHT = 256;

/** Writes events down of whose user not all is known, each once however often the call has it. The later one stands. */
export async function remember(ctx: JobContext, items: readonly Item[]): Promise<void> {
  const byKey = new Map<string, Item>();
  for (const item of items) byKey.set(`${item.visitor}.${item.token}`, item);
  const head = `{"table":${JSON.stringify(ctx.settings.table)},"primary_key_fields":${JSON.stringify(ctx.settings.primaryKeyFields)},"event":`;
  await pipelined([...byKey], IN_FLIGHT, async ([key, item]) => {
    try {
      await rememberOne(ctx, item, { key, head });
      if (item.what.kind === 'anonymous') ctx.outcome.remembered += 1;
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      fail(ctx, item, tooLarge(error));
    }
  });
  for (const item of items) {
    const kept = byKey.get(`${item.visitor}.${item.token}`);
    if (kept?.revision !== undefined) item.revision = kept.revision;
    if (kept && !item.isTimed) item.time = kept.time;
    if (kept?.failed) item.failed = true;
  }
}

/** One that does not say when it happened, and is there already, happened when it arrived first. */
async function rememberOne(
  { kv, call, settings }: JobContext,
  item: Item,
  { key, head }: { key: string; head: string },
): Promise<void> {
  const { bucket } = settings;
  const ttl = windowOf(settings);
  const put = async (expected?: { expectedRevision: number }) => {
    const value = `${head}${item.json},"at":${item.time}}`;
    item.revision = await putPacked(kv, call, { bucket, key, value, ttl, ...expected });
  };
  if (item.isTimed) return await put();
  for (let expectedRevision = 0; ; ) {
    try {
      return await put({ expectedRevision });
    } catch (error) {
      if (!(error instanceof PackError && error.code === 'REVISION_CONFLICT')) throw error;
      const found = await kv.get(call, { bucket, key });
      expectedRevision = isEntry(found) ? found.revision : 0;
      if (!isEntry(found)) continue;
      const { remembered, writtenAt } = await toListed(item.visitor ?? '', found);
      item.time = Math.min(item.time, remembered.at ?? writtenAt);
    }
  }
}

/** One remembered event. */
export async function toListed(visitor: string, entry: KvEntry): Promise<Listed> {
  return {
    visitor,
    token: entry.key.slice(visitor.length + 1),
    revision: entry.revision,
    writtenAt: Date.parse(entry.createdAt),
    remembered: await unpack<Remembered>(entry.value),
    ...(entry.expiresAt && { expiresAt: entry.expiresAt }),
  };
}

/** An event that does not even fit when compressed. */
export function tooLarge(cause: PackError): PackError {
  return new PackError(
    'VALUE_TOO_LARGE',
    `The event is too large to be kept, compressed too: ${cause.message}`,
    { details: cause.details, cause },
  );
}

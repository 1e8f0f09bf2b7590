import { type ErrorBody, KvflowError } from './errors.ts';
import { type Http, pause } from './http.ts';

/** What to watch. */
export interface WatchOptions {
  /** Key or pattern; all keys without it. */
  filter?: string;
  /** new: what is written from now on; current: first each key's latest value; history: first all that is kept. */
  start?: 'new' | 'current' | 'history';
  /** Goes on after the event with this id. */
  after?: string;
  /** Ends the watch. */
  signal?: AbortSignal;
  /**
   * Told where what was watched before is void, for whoever keeps a copy: the bucket was made again, or items may have ended of
   * which nothing is left to tell it by. Each key's latest value follows, but for a watch that started with `new`.
   */
  onReset?(reason: WatchReset): void;
}

/** Why a watch begins anew. */
export type WatchReset = 'bucket_made_again' | 'ends_missed';

/** A change of a key. */
export interface Change {
  operation: 'put' | 'delete' | 'purge' | 'expire';
  key: string;
  /** Give it as `after` to go on behind this change. */
  id: string;
  revision: number;
  /** Only with put. */
  value?: string;
  /** Only where the value is no UTF-8 text. */
  encoding?: 'base64';
  created_at: string;
  expires_at?: string;
}

const OPERATIONS = new Set(['put', 'delete', 'purge', 'expire']);
const FINAL = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'INVALID_INPUT', 'BUCKET_NOT_FOUND', 'UNSUPPORTED']);
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/**
 * Changes of a bucket, for `for await`. Lost connections and restarts are survived: it goes on after the last change, without a
 * gap or a repetition, but where `onReset` says otherwise. Throws KvflowError where trying again would only fail again.
 */
export async function* watchBucket(
  http: Http,
  bucket: string,
  options: WatchOptions,
): AsyncGenerator<Change> {
  let { after } = options;
  const { filter, start, signal } = options;
  const query = new URLSearchParams({ start: start ?? 'new', ...(filter && { filter }) });
  const path = `/buckets/${encodeURIComponent(bucket)}/watch?${query}`;
  for (let attempt = 0; !signal?.aborted && !http.isEnded(); attempt++) {
    try {
      const headers: Record<string, string> = after === undefined ? {} : { 'last-event-id': after };
      const response = await http.stream(path, { headers, signal });
      for await (const { id, event, data } of events(response)) {
        const content = JSON.parse(data) as Record<string, unknown>;
        if (event === 'error') throw new KvflowError(503, content as unknown as ErrorBody);
        if (event === 'reset') options.onReset?.(content.reason as WatchReset);
        if (event === 'synced') after ??= String(content.revision);
        if (id === undefined || !OPERATIONS.has(event)) continue;
        attempt = 0;
        after = id;
        yield { operation: event, id, revision: Number(id), ...content } as Change;
      }
    } catch (error) {
      if (signal?.aborted || http.isEnded()) return;
      if (error instanceof KvflowError && FINAL.has(error.code)) throw error;
    }
    await pause(Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS), signal);
  }
}

async function* events({ body }: Response): AsyncGenerator<{ id?: string; event: string; data: string }> {
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
        const [id, data] = [field('id'), field('data')];
        if (data !== undefined)
          yield { ...(id !== undefined && { id }), event: field('event') ?? 'message', data };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

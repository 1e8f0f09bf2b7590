import type { ErrorBody } from './api-error.ts';
import { ApiError, toApiError } from './api-error.ts';
import type { StreamEvent } from './event-stream.ts';
import { readEvents } from './event-stream.ts';
import { request } from './request.ts';

/** What to watch. */
export interface WatchRange {
  bucket: string;
  /** Key or pattern; all keys without it. */
  filter?: string | undefined;
  /** new: what is written from now on; current: first each key's latest value; history: first all that is kept. */
  start?: 'new' | 'current' | 'history';
}

/** A change of a key. `value` only with put. */
export interface Change {
  operation: 'put' | 'delete' | 'purge' | 'expire';
  key: string;
  revision: number;
  value?: string;
  /** Only where the value is no UTF-8 text. */
  encoding?: 'base64';
  created_at: string;
  expires_at?: string;
}

/** connecting: for the first time; live; reconnecting: was live, and goes on without a gap once it is again; failed: for good. */
export type WatchState =
  | { state: 'connecting' | 'live' }
  | { state: 'reconnecting'; error: ApiError; attempt: number }
  | { state: 'failed'; error: ApiError };

/** What is told to the one who watches. */
export interface WatchListener {
  /** Changes in order, those that came together. Never empty. */
  onChanges(changes: Change[]): void;
  onState?(state: WatchState): void;
  /** All that was there at the start has been told; with the revision the bucket stood at. */
  onSynced?(revision: number): void;
}

/** The server sends a sign of life every 15 seconds. */
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5_000;
/** Failures after which trying again would only fail again. */
const FINAL = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'INVALID_INPUT', 'BUCKET_NOT_FOUND', 'UNSUPPORTED']);

/**
 * Watches a bucket until the returned function is called. Lost connections, restarts of kvflow and of NATS are survived:
 * it goes on after the last revision that was told, without a gap or a repetition.
 */
export function watchBucket(range: WatchRange, listener: WatchListener): () => void {
  const ended = new AbortController();
  void follow(range, listener, ended.signal);
  return () => ended.abort();
}

async function follow(range: WatchRange, listener: WatchListener, signal: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  let attempt = 0;
  listener.onState?.({ state: 'connecting' });
  while (!signal.aborted) {
    try {
      await stream();
      throw lost('The stream ended.');
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toApiError(thrown);
      if (FINAL.has(error.code)) return listener.onState?.({ state: 'failed', error });
      attempt += 1;
      listener.onState?.({ state: 'reconnecting', error, attempt });
      await pause(Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS), signal);
    }
  }

  async function stream(): Promise<void> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const either = AbortSignal.any([signal, silence.signal]);
    try {
      const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
      const response = await request(pathOf(range), { headers, signal: either });
      if (!response.body) throw lost('The answer has no body.');
      listener.onState?.({ state: 'live' });
      attempt = 0;
      for await (const { events } of readEvents(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        tell(events);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  function tell(events: StreamEvent[]): void {
    const changes: Change[] = [];
    let synced: number | undefined;
    for (const { id, event, data } of events) {
      const content = JSON.parse(data) as Record<string, unknown>;
      if (event === 'error') throw new ApiError(content as unknown as ErrorBody, { status: 503 });
      if (event === 'synced') synced = Number(content.revision);
      else changes.push({ operation: event, revision: Number(id), ...content } as Change);
      if (id !== undefined) lastId = id;
    }
    if (changes.length > 0) listener.onChanges(changes);
    if (synced === undefined) return;
    // With no change told yet, what is written while the connection is lost would be missed otherwise.
    lastId ??= String(synced);
    listener.onSynced?.(synced);
  }
}

function pathOf({ bucket, filter, start }: WatchRange): string {
  const query = new URLSearchParams();
  if (filter) query.set('filter', filter);
  if (start) query.set('start', start);
  return `/buckets/${encodeURIComponent(bucket)}/watch?${query}`;
}

function lost(message: string): ApiError {
  return new ApiError({ code: 'UNREACHABLE', message, retryable: true }, { status: 0 });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

import type { ErrorBody } from './api-error.ts';
import type { Change, WatchRange } from './change.ts';
import type { StreamEvent } from './event-stream.ts';
import { readEvents } from './event-stream.ts';

/** What a watch is told; sent between tabs, so it is plain data. */
export type WatchNews =
  | { kind: 'changes'; changes: Change[] }
  | { kind: 'synced'; revision: number }
  | { kind: 'reset' }
  | { kind: 'live' }
  | { kind: 'lost'; error: ErrorBody; status: number; attempt: number }
  | { kind: 'failed'; error: ErrorBody; status: number };

/** Watches of one API key, over one connection whatever their number. */
export interface WatchHub {
  /** Begins a watch; the returned function ends it. */
  watch(range: WatchRange, tell: (news: WatchNews) => void): () => void;
  size(): number;
}

interface Watched {
  range: WatchRange;
  tell(news: WatchNews): void;
  /** Id of the last event that was told. */
  lastId: string | undefined;
}

/** The server sends a sign of life every 15 seconds. */
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5_000;
/** Watches that begin together share the connection that is made for them. */
const GATHER_MS = 20;
/** Failures after which trying again would only fail again. */
const FINAL = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'INVALID_INPUT', 'BUCKET_NOT_FOUND', 'UNSUPPORTED']);
const AWAY: ErrorBody = { code: 'UNREACHABLE', message: 'The stream of changes is away', retryable: true };

/** Hubs by API key; one that has no watch left is forgotten as soon as another key's is asked for. */
export function createWatchHubs(): (key: string | undefined) => WatchHub {
  const hubs = new Map<string | undefined, WatchHub>();
  return key => {
    for (const [name, hub] of hubs) if (name !== key && hub.size() === 0) hubs.delete(name);
    const hub = hubs.get(key) ?? createWatchHub(key);
    hubs.set(key, hub);
    return hub;
  };
}

/**
 * Makes the hub of one API key. Whenever a watch begins or ends the connection is made anew, each watch going on after the last
 * event it was told: nothing is missed or repeated. Lost connections and restarts are survived the same way.
 */
function createWatchHub(key: string | undefined): WatchHub {
  const watches = new Map<string, Watched>();
  let names = 0;
  let attempt = 0;
  let current: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return { watch, size: () => watches.size };

  function watch(range: WatchRange, tell: Watched['tell']): () => void {
    const name = `w${names++}`;
    watches.set(name, { range, tell, lastId: undefined });
    connectIn(GATHER_MS);
    return () => {
      // The others need not notice: what comes for a watch that ended is dropped until the next connection.
      if (watches.delete(name) && watches.size === 0) connectIn(0);
    };
  }

  function connectIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      current?.abort();
      current = undefined;
      if (watches.size > 0) void connect();
    }, ms);
  }

  async function connect(): Promise<void> {
    const ended = new AbortController();
    current = ended;
    try {
      await stream(ended);
      throw new Refused(AWAY, 0);
    } catch (thrown) {
      if (ended.signal.aborted && current !== ended) return;
      const { error, status } = thrown instanceof Refused ? thrown : { error: AWAY, status: 0 };
      if (FINAL.has(error.code)) return fail(error, status);
      attempt += 1;
      for (const { tell } of watches.values()) tell({ kind: 'lost', error, status, attempt });
      connectIn(Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS));
    }
  }

  function fail(error: ErrorBody, status: number): void {
    for (const { tell } of watches.values()) tell({ kind: 'failed', error, status });
    watches.clear();
  }

  async function stream(ended: AbortController): Promise<void> {
    let silence = setTimeout(() => ended.abort(), SILENCE_MS);
    const asked = [...watches].map(([id, { range, lastId }]) => ({
      id,
      ...range,
      // Said, so that only who reads the present state is told it again where ends may have been missed.
      ...(lastId !== undefined && { start: range.start ?? 'new', after: lastId }),
    }));
    try {
      const response = await fetch('/watches', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({ watches: asked }),
        signal: ended.signal,
        credentials: 'omit',
      });
      if (!response.ok || !response.body) throw await refusal(response);
      attempt = 0;
      for (const { id } of asked) {
        const watched = watches.get(id);
        // One that begins with what is written from now on has begun when the server says where it stands, and not before.
        if (watched && !isNew(watched)) watched.tell({ kind: 'live' });
      }
      for await (const { events } of readEvents(response.body)) {
        clearTimeout(silence);
        silence = setTimeout(() => ended.abort(), SILENCE_MS);
        take(events);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  /** Changes that came together are told together. */
  function take(events: StreamEvent[]): void {
    const together = new Map<string, Change[]>();
    for (const { id, event, data } of events) {
      const { watch: name, ...content } = JSON.parse(data) as { watch?: string } & Record<string, unknown>;
      if (name === undefined) {
        if (event === 'error') throw new Refused(content as unknown as ErrorBody, 503);
        continue;
      }
      const watched = watches.get(name);
      if (!watched) continue;
      if (event === 'error') end(name, watched, content as unknown as ErrorBody);
      else if (event === 'reset') tellReset(watched, id);
      else if (event === 'synced') synced(watched, Number(content.revision));
      else {
        const change = { operation: event, revision: Number(id), ...content } as Change;
        if (isNew(watched)) watched.tell({ kind: 'live' });
        const others = together.get(name);
        if (others) others.push(change);
        else together.set(name, [change]);
        if (id !== undefined) watched.lastId = id;
      }
      if (event === 'synced') flush(name);
    }
    for (const name of [...together.keys()]) flush(name);

    function flush(name: string): void {
      const changes = together.get(name);
      together.delete(name);
      if (changes) watches.get(name)?.tell({ kind: 'changes', changes });
    }
  }

  function synced(watched: Watched, revision: number): void {
    if (isNew(watched)) watched.tell({ kind: 'live' });
    // With no change told yet, what is written while the connection is lost would be missed otherwise.
    watched.lastId ??= String(revision);
    watched.tell({ kind: 'synced', revision });
  }

  function tellReset(watched: Watched, id: string | undefined): void {
    watched.lastId = id;
    watched.tell({ kind: 'reset' });
  }

  function end(name: string, { tell }: Watched, error: ErrorBody): void {
    if (!FINAL.has(error.code)) throw new Refused(error, 503);
    tell({ kind: 'failed', error, status: 400 });
    watches.delete(name);
  }
}

/** Nothing was told of it, and nothing that is there already will be. */
function isNew({ range: { start = 'new' }, lastId }: Watched): boolean {
  return start === 'new' && lastId === undefined;
}

class Refused extends Error {
  readonly error: ErrorBody;
  readonly status: number;

  constructor(error: ErrorBody, status: number) {
    super(error.message);
    this.error = error;
    this.status = status;
  }
}

async function refusal(response: Response): Promise<Refused> {
  const body = (await response.json().catch(() => undefined)) as { error?: ErrorBody } | undefined;
  return new Refused(body?.error ?? AWAY, response.status);
}

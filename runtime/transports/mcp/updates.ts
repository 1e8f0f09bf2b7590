import { setTimeout as sleep } from 'node:timers/promises';
import { invalidField, PackError } from '../../../contract/errors.ts';
import type { McpCaller } from '../../core/mcp-caller.ts';
import type { KvWatch } from '../../core/ports/watches.ts';
import type { McpParts } from './caller.ts';
import { noSuchResource, translated } from './failures.ts';
import { parseResourceUri } from './resource-uri.ts';

/** The resources that one conversation is told the changes of. */
export interface Updates {
  /**
   * Watches these resources, each once however often it is asked for. Answers how to let go of them again.
   * @throws ProtocolError for a resource that does not exist or may not be watched: then none is watched.
   */
  watch(uris: readonly string[]): Promise<() => void>;
  /** Lets go of all. */
  close(): void;
}

/** How updates reach the client. */
export interface UpdateEvents {
  /** The resource has changed, or is no more. */
  onUpdate(uri: string): void;
  /** The caller's key is no longer good, or we are shutting down: no more updates will come. */
  onOver(): void;
}

const STEP_MS = 500;
const BATCH = 1_024;
/** Changes that come faster are told as one: the client reads the resource, not the change. */
const GAP_MS = 100;
const MAX_WATCHES = 100;

interface Watched {
  watch: KvWatch;
  users: number;
}

/** Makes the updates of one conversation. */
export function createUpdates(parts: McpParts, caller: McpCaller, events: UpdateEvents): Updates {
  const watched = new Map<string, Watched>();
  return {
    async watch(uris) {
      const held: string[] = [];
      const release = (): void => {
        for (const uri of held.splice(0)) letGo(uri);
      };
      try {
        for (const uri of new Set(uris)) {
          await translated(uri, () => hold(uri));
          held.push(uri);
        }
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
    close: () => {
      for (const { watch } of watched.values()) watch.close();
      watched.clear();
    },
  };

  async function hold(uri: string): Promise<void> {
    const known = watched.get(uri);
    if (known) {
      known.users += 1;
      return;
    }
    if (watched.size >= MAX_WATCHES) throw tooMany();
    const { watch, key } = await openWatch(parts, caller, uri);
    watched.set(uri, { watch, users: 1 });
    void follow(uri, watch, key);
  }

  function letGo(uri: string): void {
    const entry = watched.get(uri);
    if (!entry) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    watched.delete(uri);
    entry.watch.close();
  }

  /** Ends when nobody holds it any more, or with the bucket, which is told as a change. */
  async function follow(uri: string, watch: KvWatch, key: string | undefined): Promise<void> {
    const held = (): boolean => watched.get(uri)?.watch === watch;
    try {
      while (held()) {
        const changes = await watch.next(BATCH, STEP_MS);
        if (!held()) return;
        if (caller.isEnding()) return events.onOver();
        if (!changes.some(change => key === undefined || change.key === key)) continue;
        events.onUpdate(uri);
        await sleep(GAP_MS);
      }
    } catch (error) {
      if (!held()) return;
      if (caller.isEnding() || isStranger(error)) return events.onOver();
      watched.delete(uri);
      events.onUpdate(uri);
    } finally {
      watch.close();
    }
  }
}

async function openWatch({ open }: McpParts, caller: McpCaller, uri: string) {
  const name = parseResourceUri(uri);
  if (!name) throw noSuchResource(uri);
  if (name.kind === 'buckets')
    throw invalidField('', `"${uri}" has no updates; subscribe to a bucket or a key.`);
  const key = name.kind === 'key' ? name.key : undefined;
  const watch = await open(
    'watch',
    { bucket: name.bucket, ...(key !== undefined && { filter: key }) },
    caller,
  );
  return { key, watch };
}

/** The key was revoked or has expired: none of its watches may go on. */
function isStranger(error: unknown): boolean {
  return error instanceof PackError && error.code === 'UNAUTHENTICATED';
}

function tooMany() {
  return invalidField(
    '',
    `A conversation watches at most ${MAX_WATCHES} resources; watch a bucket instead of its keys.`,
  );
}

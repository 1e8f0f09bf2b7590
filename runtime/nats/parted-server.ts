import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { PermissionViolationError } from '@nats-io/transport-node';
import type { ApiError } from './errors.ts';
import { heardMsAgo } from './heard.ts';
import type { OtherServers } from './other-servers.ts';
import { purgeOfNothing } from './purge-of-nothing.ts';
import type { StreamInfo } from './stream-types.ts';

/** Told of subjects that nobody answered on, on this connection. */
export type Suspect = (connection: NatsConnection, subjects: Iterable<string>) => void;

/** Subjects that say which stream they are of: of a bucket's items, or of the JetStream API. */
const OF_STREAM =
  /^\$KV\.([^.]+)\.|^\$JS\.(?:[^.]+\.)?API\.(?:DIRECT\.GET|STREAM\.(?:MSG\.)?[A-Z]+|CONSUMER\.(?:MSG\.)?[A-Z]+)\.([^.]+)/;
const MAX_STREAMS = 8;
/** What a server may take to say who leads a stream, and the time between two questions; milliseconds. */
const [ANSWER_MS, PAUSE_MS] = [300, 100];
/** How long it is looked; whoever goes on hearing nothing has it begin again. */
const LOOK_MS = 3_000;
/** A leader that a majority was not heard by for so long may have a successor (nats-server, raft.go: `minElectionTimeout`). */
const HEARD_MS = 3_000;
const NOT_FOUND = 10059;
/** Its codes of a stream that is sealed, and of one that has `deny_purge`. */
const NO_PURGES: ReadonlySet<number> = new Set([10109, 10110]);

type State = 'led' | 'not led' | 'gone';

/**
 * Leaves a server that was cut off from its cluster. Such a server answers clients as before, and breaks no connection, but nobody behind it
 * leads the streams that are kept on several servers, or a leader who reaches no majority. Where another server knows a leader whom a
 * majority follows, and this one does not, the connection goes there. Streams of one copy decide nothing: where they are they stay.
 * @param prefix of the JetStream API.
 */
export function createPartedServer(
  prefix: string,
  others: Pick<OtherServers, 'of' | 'open' | 'goTo'>,
): Suspect {
  const suspects = new Set<string>();
  let isLooking = false;
  /** Of the other servers, which one is asked next: some may be away, and hold each look until its end. */
  let turn = 0;
  return (connection, subjects) => {
    for (const subject of subjects) {
      const stream = streamOf(subject);
      if (stream !== undefined && suspects.size < MAX_STREAMS) suspects.add(stream);
    }
    if (isLooking || suspects.size === 0 || others.of(connection).length === 0) return;
    isLooking = true;
    look(connection)
      // While it is closed, or lost, there is nothing to leave.
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
        suspects.clear();
      });
  };

  async function look(connection: NatsConnection): Promise<void> {
    const from = connection.getServer();
    const until = Date.now() + LOOK_MS;
    while (Date.now() < until) {
      const here = await statesOf(connection);
      for (const [stream, state] of here) if (state === 'gone') suspects.delete(stream);
      if ([...here.values()].every(state => state !== 'not led')) return;
      const servers = others.of(connection);
      const server = servers[turn++ % servers.length];
      if (server === undefined || connection.isClosed() || connection.getServer() !== from) return;
      if ((await isBetter(server, here)) && connection.getServer() === from) {
        await others.goTo(connection, server);
        return;
      }
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }

  /** Whether a server knows leaders of all streams that are led here, and of more. */
  async function isBetter(server: string, here: Map<string, State>): Promise<boolean> {
    const scout = await others.open(server).catch(() => undefined);
    if (!scout) return false;
    try {
      const there = await statesOf(scout);
      const isLed = (stream: string) => there.get(stream) === 'led';
      const streams = [...here];
      const better = streams.filter(([stream, state]) => state === 'not led' && isLed(stream));
      const isWorse = streams.some(([stream, state]) => state === 'led' && !isLed(stream));
      if (isWorse || better.length === 0) return false;
      // For a moment after the parting a leader that was cut off says that it heard the others just now.
      const agreed = await Promise.all(better.map(([stream]) => agrees(scout, stream)));
      return agreed.includes(true);
    } finally {
      await scout.close();
    }
  }

  async function statesOf(connection: NatsConnection): Promise<Map<string, State>> {
    const states = [...suspects].map(
      async (stream): Promise<[string, State]> => [stream, await stateOf(connection, stream)],
    );
    return new Map(await Promise.all(states));
  }

  /** Whether the stream's leader reaches a majority: it does something that takes one. Where NATS or the stream does not allow that its word is taken. */
  async function agrees(connection: NatsConnection, stream: string): Promise<boolean> {
    try {
      const asked = `${prefix}.STREAM.PURGE.${stream}`;
      const msg = await connection.request(asked, purgeOfNothing(), { timeout: ANSWER_MS });
      const { success, error } = msg.json<{ success?: boolean; error?: ApiError }>();
      return success === true || NO_PURGES.has(error?.err_code ?? 0);
    } catch (error) {
      return isDenied(error);
    }
  }

  async function stateOf(connection: NatsConnection, stream: string): Promise<State> {
    try {
      const msg = await connection.request(`${prefix}.STREAM.INFO.${stream}`, '', { timeout: ANSWER_MS });
      const info = msg.json<StreamInfo & { error?: ApiError }>();
      if (info.error) return info.error.err_code === NOT_FOUND ? 'gone' : 'not led';
      if (info.config.num_replicas === 1) return 'gone';
      return heardMsAgo(info) < HEARD_MS ? 'led' : 'not led';
    } catch {
      return 'not led';
    }
  }
}

function isDenied(error: unknown): boolean {
  const { cause } = error instanceof Error ? error : {};
  return error instanceof PermissionViolationError || cause instanceof PermissionViolationError;
}

function streamOf(subject: string): string | undefined {
  const [, bucket, stream] = OF_STREAM.exec(subject) ?? [];
  return bucket === undefined ? stream : `KV_${bucket}`;
}

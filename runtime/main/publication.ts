import type { DataDirLock, RunningInfo } from '../nats/server/data-dir.ts';
import type { EmbeddedNats } from '../nats/server/embedded.ts';
import type { ServerLog } from '../nats/server/supervise.ts';

/** What this process tells others on its data directory, so that they can attach to it. */
export interface Publication {
  /** From now on they can. */
  publish(more?: Pick<RunningInfo, 'httpUrl'>): Promise<void>;
  /** The server has moved: who is attached, or comes later, finds it at its new address. */
  renew(): void;
}

/** Makes it; the server may be on its way still. */
export function createPublication(
  lock: DataDirLock,
  server: () => EmbeddedNats,
  log: ServerLog,
): Publication {
  let told: Pick<RunningInfo, 'httpUrl'> | undefined;
  let writing = Promise.resolve();
  // One after the other: what is written last has to be what is true last.
  const write = (): Promise<void> => {
    const written = writing.then(() => {
      const { url: natsUrl, user, password } = server();
      return lock.publish({ natsUrl, user, password, ...told });
    });
    writing = written.catch(() => undefined);
    return written;
  };
  return {
    publish: (more = {}) => {
      told = more;
      return write();
    },
    renew: () => {
      if (!told) return;
      write().catch(error => log.error({ error: String(error) }, 'telling attached processes of it failed'));
    },
  };
}

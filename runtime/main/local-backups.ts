import { fromBackupFile, toBackupFile } from '../core/backup-file.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { Session } from '../transports/cli/host.ts';

const BACKUP_MS = 3_600_000;

/** Backups and restores of a command that reaches NATS itself. */
export function localBackups(kv: KvStore): Pick<Session, 'backup' | 'restore'> {
  const soon = () => ({ deadline: Date.now() + BACKUP_MS });
  return {
    backup: async function* (bucket) {
      await using taken = await kv.backup(soon(), bucket);
      yield* toBackupFile(taken);
    },
    restore: async (file, { bucket, replicas }) => {
      const { header, parts } = await fromBackupFile(file);
      const name = bucket ?? header.bucket;
      await kv.restore(soon(), { bucket: name, header, parts, ...(replicas !== undefined && { replicas }) });
      return { bucket: name, of: header.bucket, at: header.at, messages: header.messages };
    },
  };
}

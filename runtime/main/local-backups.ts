import { fromBackupFile, toBackupFile } from '../core/backup-file.ts';
import type { Open } from '../core/open.ts';
import { LOCAL } from '../core/open.ts';
import type { Session } from '../transports/cli/host.ts';

/** Backups and restores of a command that reaches NATS itself. */
export function localBackups(open: Open): Pick<Session, 'backup' | 'restore'> {
  return {
    backup: async function* (bucket) {
      await using taken = await open('backup', { bucket }, LOCAL);
      yield* toBackupFile(taken);
    },
    restore: async (file, { bucket, replicas, by }) => {
      const { header, parts } = await fromBackupFile(file);
      const name = bucket ?? header.bucket;
      const asked = { bucket: name, ...(replicas !== undefined && { num_replicas: replicas }) };
      const restore = await open('restore', asked, { ...LOCAL, by });
      await restore({ header, parts });
      return { bucket: name, of: header.bucket, at: header.at, messages: header.messages };
    },
  };
}

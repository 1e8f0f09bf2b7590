import { join } from 'node:path';
import type { DestinationKind } from '../destination-kind.ts';
import { SQLITE_FILE } from '../embedded.ts';

/** SQLite in a file: the one that its url names, else the data directory's. */
export default {
  isEmbedded: true,
  open: async ({ url }, { dataDir }) =>
    (await import('./engine.ts')).openSqlite({ file: url ?? join(dataDir, SQLITE_FILE) }),
} satisfies DestinationKind;

import { join } from 'node:path';
import type { DestinationKind } from '../destination-kind.ts';
import { PGLITE_FOLDER } from '../embedded.ts';

/** PostgreSQL inside this process (PGlite), in the data directory. */
export default {
  isEmbedded: true,
  oneProcess: true,
  open: async ({ schema }, { dataDir, takeLock }) => {
    const { openPglite } = await import('./open.ts');
    return openPglite({ folder: join(dataDir, PGLITE_FOLDER), takeLock, schema });
  },
} satisfies DestinationKind;

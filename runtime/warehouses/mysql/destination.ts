import type { DestinationKind } from '../destination-kind.ts';

/** MySQL, or MariaDB, at its url. */
export default {
  isEmbedded: false,
  open: async settings => (await import('./engine.ts')).openMysql(settings),
} satisfies DestinationKind;

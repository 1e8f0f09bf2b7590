import type { DestinationKind } from '../destination-kind.ts';

/** PostgreSQL at its url. */
export default {
  isEmbedded: false,
  open: async settings => (await import('./open.ts')).openPostgres(settings),
} satisfies DestinationKind;

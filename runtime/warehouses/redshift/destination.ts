import type { DestinationKind } from '../destination-kind.ts';

/** Amazon Redshift at its url, over PostgreSQL's driver. */
export default {
  isEmbedded: false,
  open: async settings => (await import('./open.ts')).openRedshift(settings),
} satisfies DestinationKind;

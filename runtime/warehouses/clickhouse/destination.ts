import type { DestinationKind } from '../destination-kind.ts';

/** ClickHouse at its url. */
export default {
  isEmbedded: false,
  open: async ({ url, schema }) => (await import('./engine.ts')).openClickhouse({ url, schema }),
} satisfies DestinationKind;

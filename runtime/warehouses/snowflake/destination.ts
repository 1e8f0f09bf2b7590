import type { DestinationKind } from '../destination-kind.ts';

/** Snowflake at its url. */
export default {
  isEmbedded: false,
  open: async ({ url = '', schema, poolSize }) =>
    (await import('./engine.ts')).openSnowflake({ url, schema, poolSize }),
} satisfies DestinationKind;

import type { JsApi } from '../../js-api.ts';
import type { StreamConfig } from '../../stream-types.ts';

/** One stream of a bucket, as it is read. */
export interface StreamView {
  readonly bucket: string;
  readonly stream: string;
  readonly api: JsApi;
  readonly config: StreamConfig;
  /** Stored subjects begin with this; a mirror's with its origin's. */
  readonly readPrefix: string;
  /** The server's clock minus the steady one, in milliseconds; see server-clock.ts. */
  readonly clockOffset: number;
  /** In a cluster other servers may keep replicas and mirrors that answer direct gets, a moment late. */
  readonly clustered: boolean;
}

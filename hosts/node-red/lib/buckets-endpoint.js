import { connectionOf } from './connection-node.js';

/** @import { Red } from './types.d.ts' */

/** Stands for "no connection chosen" in the address. */
const NONE = '_';

/**
 * GET kvflow/buckets/<connection>: bucket names for the editor to offer, through a connection that is deployed.
 * @param {Red} RED
 */
export function registerBucketsEndpoint(RED) {
  RED.httpAdmin.get(
    '/kvflow/buckets/:connection',
    RED.auth.needsPermission('kvflow.read'),
    (request, response) => {
      const { connection = NONE } = request.params;
      if (connection !== NONE && !RED.nodes.getNode(connection)) return response.json({ buckets: [] });
      const config = { id: '', type: '', ...(connection !== NONE && { connection }) };
      connectionOf(RED, config)
        .invoke('kv-bucket-list', {})
        .then(envelope => {
          if (envelope.error) return response.status(envelope.status_code).json(envelope);
          const { buckets } = /** @type {{ buckets: { bucket: string }[] }} */ (
            /** @type {unknown} */ (envelope.data)
          );
          response.json({ buckets: buckets.map(({ bucket }) => bucket) });
        });
    },
  );
}

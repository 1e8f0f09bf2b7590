import { catalog } from '../generated/catalog.js';
import { registerBucketsEndpoint } from '../lib/buckets-endpoint.js';
import { registerConnection } from '../lib/connection-node.js';
import { registerFunction } from '../lib/function-node.js';
import { registerWatch } from '../lib/watch-node.js';

/** @import { Red } from '../lib/types.d.ts' */

/**
 * What Node-RED loads: every function of kvflow's manifest as a node.
 * @param {Red} RED
 */
export default function kvflow(RED) {
  registerConnection(RED);
  for (const entry of catalog) {
    if (entry.trigger) registerWatch(RED, entry);
    else registerFunction(RED, entry);
  }
  registerBucketsEndpoint(RED);
}

import { BATCH_TYPE } from '../lib/batch-entry.js';
import { registerBatch } from '../lib/batch-node.js';
import { registerBucketsEndpoint } from '../lib/buckets-endpoint.js';
import { registerConnection } from '../lib/connection-node.js';
import { registerFunction } from '../lib/function-node.js';
import { catalog } from '../lib/manifest.js';
import { registerWatch } from '../lib/watch-node.js';

/** @import { CatalogEntry, Red } from '../lib/types.d.ts' */

/**
 * What Node-RED loads: every function of kvflow's manifest as a node, and what gathers messages for one of them.
 * @param {Red} RED
 */
export default function kvflow(RED) {
  registerConnection(RED);
  for (const entry of catalog) kindOfNode(entry)(RED, entry);
  registerBucketsEndpoint(RED);
}

/** @param {CatalogEntry} entry */
function kindOfNode({ name, trigger }) {
  if (name === BATCH_TYPE) return registerBatch;
  return trigger ? registerWatch : registerFunction;
}

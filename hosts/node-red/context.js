import { openConnection } from './lib/connection.js';
import { createContextStore } from './lib/context/store.js';
import { nodeRedUtil } from './lib/context/util.js';

/** @import { ContextConfig, ContextStore } from './lib/context/types.d.ts' */

/**
 * A context store for Node-RED's settings: flow, global and node context in a bucket of kvflow.
 * @example
 * contextStorage: { default: { module: require('@kvflow/node-red/context'), config: { url: 'http://127.0.0.1:4280' } } }
 * @param {ContextConfig} [config]
 * @returns {ContextStore}
 */
export default function context(config = {}) {
  const { host, url, apiKey, user, password, token } = config;
  const mode = url ? 'http' : host && !config.servers ? 'embedded' : 'nats';
  const connection = openConnection(
    { ...config, mode, id: '', type: 'context' },
    { apiKey, user, password, token },
    { host },
  );
  return createContextStore(connection, { ...config, ...nodeRedUtil() });
}

// Settings of Node-RED are CommonJS and take the function itself.
export { context as 'module.exports' };

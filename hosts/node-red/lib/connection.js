import { unavailable } from './failures.js';
import { connectHttp } from './http.js';
import { connectNats } from './nats.js';
import { text } from './text.js';

/** @import { Connection, KvflowHost, NodeConfig, Tls } from './types.d.ts' */

/**
 * Opens what a connection node describes. Never throws: calls answer with what is wrong.
 * @param {NodeConfig} config
 * @param {Record<string, string | undefined>} credentials
 * @param {{ host: KvflowHost | undefined, tls?: Tls | undefined }} options the kvflow that runs this Node-RED; the chosen tls-config node's
 * @returns {Connection}
 */
export function openConnection(config, credentials, { host, tls }) {
  if (config.mode === 'nats') return connectNats(config, credentials, { host, tls });
  if (config.mode === 'http') return connectHttp(text(config.url), credentials.apiKey);
  return embedded(host);
}

/**
 * Connections to the kvflow that runs a Node-RED, by what it offers: all nodes share one, which keeps the order of their writes.
 * @type {WeakMap<KvflowHost, Connection>}
 */
const shared = new WeakMap();

/**
 * The functions of the kvflow that runs this Node-RED: in this process, or by its URL with the key that it gave us.
 * @param {KvflowHost | undefined} host
 * @returns {Connection}
 */
export function embedded(host) {
  if (!host) return { invoke: none, close: async () => undefined };
  const { invoke, url, key } = host;
  const connection = shared.get(host) ?? {
    invoke: invoke ?? (url ? connectHttp(url, key).invoke : none),
    // It is everybody's.
    close: async () => undefined,
  };
  shared.set(host, connection);
  return connection;
}

async function none() {
  return unavailable(
    'This Node-RED does not run inside kvflow. Set the connection to a NATS URL or to the URL of a kvflow server.',
  );
}

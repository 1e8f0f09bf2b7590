import { unavailable } from './failures.js';
import { connectHttp } from './http.js';
import { connectNats } from './nats.js';
import { text } from './text.js';

/** @import { Connection, KvflowHost, NodeConfig } from './types.d.ts' */

/**
 * Opens what a connection node describes. Never throws: calls answer with what is wrong.
 * @param {NodeConfig} config
 * @param {Record<string, string | undefined>} credentials
 * @param {KvflowHost | undefined} host the kvflow that runs this Node-RED
 * @returns {Connection}
 */
export function openConnection(config, credentials, host) {
  if (config.mode === 'nats') return connectNats(config, credentials, host);
  if (config.mode === 'http') return connectHttp(text(config.url), credentials.apiKey);
  return embedded(host);
}

/**
 * The functions of the kvflow that this Node-RED runs in: no network in between.
 * @param {KvflowHost | undefined} host
 * @returns {Connection}
 */
export function embedded(host) {
  const none = async () =>
    unavailable(
      'This Node-RED does not run inside kvflow. Set the connection to a NATS URL or to the URL of a kvflow server.',
    );
  return { invoke: host?.invoke ?? none, close: async () => undefined };
}

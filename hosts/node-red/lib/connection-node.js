import { embedded, openConnection } from './connection.js';
import { catalog } from './manifest.js';

/** @import { Connection, NodeConfig, Red, RedNode } from './types.d.ts' */

/** Type of the one configuration node. */
export const CONNECTION_TYPE = 'kvflow-connection';

/**
 * Registers the configuration node that all nodes share: one connection, however many nodes use it.
 * @param {Red} RED
 */
export function registerConnection(RED) {
  /**
   * @this {RedNode}
   * @param {NodeConfig} config
   */
  function KvflowConnection(config) {
    RED.nodes.createNode(this, config);
    const chosen = typeof config.tls === 'string' && config.tls ? RED.nodes.getNode(config.tls) : null;
    const connection = openConnection(config, this.credentials ?? {}, {
      host: RED.settings.kvflow,
      tls: chosen?.addTLSOptions?.({}),
    });
    this.kvflow = connection;
    this.on('close', (_removed, done) => void connection.close().then(done, done));
  }
  const secret = { type: 'password' };
  RED.nodes.registerType(CONNECTION_TYPE, KvflowConnection, {
    credentials: { user: { type: 'text' }, password: secret, token: secret, apiKey: secret },
    // Tells the editor whether a node works without a connection of its own.
    settings: {
      kvflowConnectionEmbedded: { value: RED.settings.kvflow !== undefined, exportable: true },
      // What the editor makes dialogs and help of.
      kvflowConnectionCatalog: { value: catalog, exportable: true },
    },
  });
}

/**
 * The connection a node chose; the kvflow around Node-RED when it chose none.
 * @param {Red} RED
 * @param {NodeConfig} config
 * @returns {Connection}
 */
export function connectionOf(RED, config) {
  const chosen = typeof config.connection === 'string' ? RED.nodes.getNode(config.connection) : null;
  return chosen?.kvflow ?? embedded(RED.settings.kvflow);
}

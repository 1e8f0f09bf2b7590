import { unavailable } from './failures.js';
import { text } from './text.js';

/** @import { Connection, JoinNats, KvflowHost, NatsSettings, NodeConfig, Tls } from './types.d.ts' */

const DEFAULT_URL = 'nats://127.0.0.1:4222';

/**
 * Runs the functions in this process, on the NATS of the connection node. The connection is made once and comes back by
 * itself when NATS does.
 * @param {NodeConfig} config
 * @param {Record<string, string | undefined>} credentials
 * @param {{ host: KvflowHost | undefined, tls?: Tls | undefined }} options
 * @returns {Connection}
 */
export function connectNats(config, credentials, { host, tls }) {
  const joining = (host ? Promise.resolve(host.joinNats) : loadJoinNats()).then(join =>
    join({ ...toSettings(config, credentials), ...(tls && { tls }) }),
  );
  joining.catch(() => undefined); // Each call says so.
  return {
    invoke: async (name, input, options) => {
      try {
        return await (await joining).invoke(name, input, options);
      } catch (error) {
        return unavailable(/** @type {Error} */ (error).message);
      }
    },
    close: () => joining.then(connection => connection.close()).catch(() => undefined),
  };
}

/**
 * @param {NodeConfig} config
 * @param {Record<string, string | undefined>} credentials
 * @returns {NatsSettings}
 */
export function toSettings(config, { user, password, token }) {
  const servers = (text(config.servers) || DEFAULT_URL).split(',').map(url => url.trim());
  const [credsFile, nkeyFile, domain] = [config.credsFile, config.nkeyFile, config.domain].map(text);
  return {
    servers,
    name: 'kvflow-node-red',
    ...(user && { user, password: password ?? '' }),
    ...(token && { token }),
    ...(credsFile && { credsFile }),
    ...(nkeyFile && { nkeyFile }),
    ...(domain && { domain }),
  };
}

/** @returns {Promise<JoinNats>} */
async function loadJoinNats() {
  try {
    // @ts-expect-error Only there where kvflow is installed beside this package.
    const { joinNats } = await import('kvflow/join-nats');
    return joinNats;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'To work on NATS without a kvflow server, install kvflow beside this package: npm install kvflow in the Node-RED user folder.',
    );
  }
}

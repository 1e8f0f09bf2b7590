import { createBucket } from './bucket.js';
import { fromKey, toKey } from './keys.js';
import { createWriter } from './writer.js';

/** @import { Connection } from '../types.d.ts' */
/** @import { Callback, ContextChange, ContextConfig, ContextStore, NodeRedUtil } from './types.d.ts' */

/**
 * A context store over a connection to kvflow. All values are in memory too, where functions read them without waiting; a
 * change by another Node-RED on the same bucket comes by a watch. What is set is stored at once, one write at a time for each
 * key: a callback is called when kvflow has it, so that what was acknowledged survives whatever happens to the process.
 * @param {Connection} connection
 * @param {ContextConfig & NodeRedUtil} options
 * @returns {ContextStore}
 */
export function createContextStore(connection, { util, log, ...config }) {
  /** @type {Map<string, Record<string, unknown>>} */
  const scopes = new Map();
  /** Nodes and flows of this Node-RED: others that share the bucket may have others. */
  const known = new Set(['']);
  const bucket = createBucket(connection, config, log);
  const writer = createWriter({ store: storeNow, log, apply });
  return {
    open: () => bucket.open({ tell: writer.heard, reset: writer.reset }),
    close: async () => {
      await writer.close();
      await bucket.close();
    },
    get,
    set,
    keys: (scope, callback) => answer(callback, () => Object.keys(scopes.get(scope) ?? {})),
    delete: remove,
    clean,
  };

  /**
   * @param {string} scope
   * @param {string | string[]} key
   * @param {Callback} [callback]
   */
  function get(scope, key, callback) {
    if (!Array.isArray(key)) return answer(callback, () => getOne(scope, key));
    try {
      const values = key.map(one => getOne(scope, one));
      return callback ? callback(undefined, ...values) : values;
    } catch (error) {
      if (!callback) throw error;
      return callback(error);
    }
  }

  /**
   * @param {string} scope
   * @param {string} key
   */
  function getOne(scope, key) {
    // A path that is none is an error, also where there is nothing.
    util.normalisePropertyExpression(key);
    try {
      return util.getObjectProperty(scopes.get(scope) ?? {}, key);
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} scope
   * @param {string | string[]} key
   * @param {unknown} value
   * @param {Callback} [callback]
   */
  function set(scope, key, value, callback) {
    const paths = [key].flat();
    const values = Array.isArray(key) && Array.isArray(value) ? value : [value];
    /** @type {Set<string>} */
    const names = new Set();
    try {
      for (const [index, path] of paths.entries()) {
        names.add(String(util.normalisePropertyExpression(path)[0]));
        util.setObjectProperty(objectOf(scope), path, index < values.length ? values[index] : null);
      }
    } catch (error) {
      if (!callback) throw error;
      return callback(error);
    }
    known.add(idOf(scope));
    const stored = Promise.all([...names].map(name => writer.write(toKey(scope, name))));
    stored.then(
      () => callback?.(),
      error => callback?.(error),
    );
  }

  /**
   * Each key is taken away behind whatever is under way for it.
   * @param {string} scope
   */
  async function remove(scope) {
    const names = Object.keys(scopes.get(scope) ?? {});
    scopes.delete(scope);
    await Promise.all(names.map(name => writer.write(toKey(scope, name))));
  }

  /**
   * Takes out what belongs to nodes that this Node-RED had and has no more.
   * @param {string[]} activeNodes
   */
  async function clean(activeNodes) {
    const active = new Set(activeNodes);
    const gone = [...scopes.keys()].filter(
      scope => scope !== 'global' && !active.has(idOf(scope)) && known.has(idOf(scope)),
    );
    for (const id of active) known.add(id);
    await Promise.all(gone.map(remove));
  }

  /** @param {string} scope */
  function objectOf(scope) {
    const object = scopes.get(scope) ?? {};
    scopes.set(scope, object);
    return object;
  }

  /**
   * Stores a value as it is now. One of a scope that was deleted goes with its history.
   * @param {string} key
   */
  async function storeNow(key) {
    const [scope, name] = keyParts(key);
    const values = scopes.get(scope);
    if (!values) return await bucket.purge(key);
    const text = JSON.stringify(values[name]);
    return await (text === undefined ? bucket.remove(key) : bucket.put(key, text));
  }

  /** @param {ContextChange} change */
  function apply({ key, operation, value }) {
    const [scope, name] = keyParts(key);
    if (operation !== 'put') delete scopes.get(scope)?.[name];
    else objectOf(scope)[name] = JSON.parse(String(value));
  }
}

/** @param {string} scope */
function idOf(scope) {
  return scope.split(':')[0] ?? '';
}

/**
 * @param {string} key
 * @returns {[scope: string, name: string]}
 */
function keyParts(key) {
  return fromKey(key) ?? ['', key];
}

/**
 * @template T
 * @param {Callback | undefined} callback
 * @param {() => T} work
 * @returns {T | undefined}
 */
function answer(callback, work) {
  if (!callback) return work();
  let value;
  try {
    value = work();
  } catch (error) {
    callback(error);
    return undefined;
  }
  callback(undefined, value);
  return undefined;
}

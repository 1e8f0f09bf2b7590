import { toError } from './failures.js';

/** @import { CatalogEntry, Done, Envelope, Msg, NodeConfig, Red, Send } from './types.d.ts' */
/** @import { createStatus } from './status.js' */

const MISSING = 'KEY_NOT_FOUND';

/**
 * Makes what sends a message on with an answer, or to Catch nodes with a failure, and says that it is done.
 * @param {Red} RED
 * @param {CatalogEntry} entry
 * @param {{ config: NodeConfig, showStatus: ReturnType<typeof createStatus> }} options
 * @returns {(envelope: Envelope, msg: Msg, to: { send: Send, done: Done }) => void}
 */
export function createAnswer(RED, { name, branches, otherwise }, { config, showStatus }) {
  const result = typeof config.result === 'string' && config.result ? config.result : 'payload';
  const pick = typeof config.pick === 'string' ? config.pick : '';
  return (envelope, msg, { send, done }) => {
    const { status_code, data, error } = envelope;
    msg.kvflow = { function: name, status_code, ...(error && { error }) };
    if (data) {
      write(msg, pick ? data[pick] : data);
      if (otherwise && data[otherwise.property] === false) {
        showStatus(envelope, otherwise.name);
        send([null, msg]);
        return done();
      }
      showStatus(envelope);
      send(msg);
      return done();
    }
    if (branches && error?.code === MISSING) {
      write(msg, null);
      showStatus(envelope, 'missing');
      send([null, msg]);
      return done();
    }
    showStatus(envelope);
    done(toError(name, envelope));
  };

  /**
   * @param {Msg} msg
   * @param {unknown} value
   */
  function write(msg, value) {
    if (result === 'payload') msg.payload = value;
    else RED.util.setMessageProperty(msg, result, value, true);
  }
}

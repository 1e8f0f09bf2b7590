/** @import { Envelope, EnvelopeError } from './types.d.ts' */

/**
 * An envelope for what went wrong before a function was reached.
 * @param {number} status_code
 * @param {EnvelopeError} error
 * @returns {Envelope}
 */
export function failure(status_code, error) {
  return { status_code, error };
}

/**
 * @param {string} message
 * @returns {Envelope}
 */
export function unavailable(message) {
  return failure(503, { code: 'UNAVAILABLE', message, retryable: true });
}

/**
 * @param {string} message
 * @returns {Envelope}
 */
export function invalid(message) {
  return failure(400, { code: 'INVALID_INPUT', message, retryable: false });
}

/**
 * What Catch nodes are given: `msg.error.code`, and the whole envelope as `msg.error.cause`.
 * @param {string} name of the function
 * @param {Envelope} envelope
 * @returns {Error}
 */
export function toError(name, envelope) {
  const { code = 'INTERNAL', message = 'kvflow answered without data or an error.' } = envelope.error ?? {};
  const error = new Error(message.startsWith(name) ? message : `${name}: ${message}`, { cause: envelope });
  // Node-RED shows the name before the message and copies the stack; neither tells a user what the code does not.
  return Object.assign(error, { name: '', stack: '', code });
}

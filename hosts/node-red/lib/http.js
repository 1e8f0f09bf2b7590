import { unavailable } from './failures.js';
import { createClient, KvflowError } from './generated/client.js';
import { toHeader } from './written-by.js';

/** @import { Connection, Envelope } from './types.d.ts' */

/**
 * Calls the functions of a kvflow server by its client, which keeps the order of the writes of each key, sends together what comes
 * together, and makes a call again that failed for a reason that may pass.
 * @param {string} url such as http://127.0.0.1:4280
 * @param {string | undefined} apiKey
 * @returns {Connection}
 */
export function connectHttp(url, apiKey) {
  const closing = new AbortController();
  const { signal } = closing;
  // Messages that come together go together.
  const client = createClient({ url, ...(apiKey && { apiKey }), signal, gather: setImmediate });
  return {
    invoke: async (name, input, { by, trace } = {}) => {
      const said = { ...(by && { by: toHeader(by) }), ...(trace && { traceparent: trace }) };
      try {
        return { status_code: 200, data: await client.call(name, input, said) };
      } catch (error) {
        return signal.aborted
          ? unavailable('The flow was stopped before the call was answered.')
          : envelopeOf(error);
      }
    },
    close: async () => closing.abort(),
  };
}

/**
 * @param {unknown} error
 * @returns {Envelope}
 */
function envelopeOf(error) {
  if (!(error instanceof KvflowError)) throw error;
  const { status, code, message, retryable, details, errors } = error;
  if (code === 'UNREACHABLE') return unavailable(message);
  const more = { ...(Object.keys(details).length > 0 && { details }), ...(errors.length > 0 && { errors }) };
  return { status_code: status, error: { code, message, retryable, ...more } };
}

import { failure, unavailable } from './failures.js';
import { inOrder } from './in-order.js';
import { toHeader } from './written-by.js';

/** @import { Connection, Envelope } from './types.d.ts' */

/** More than any function may take. */
const TIMEOUT_MS = 60_000;

/**
 * Calls the functions of a kvflow server through its invocation API. Writes to a bucket keep the order of the messages.
 * @param {string} url such as http://127.0.0.1:4280
 * @param {string | undefined} apiKey
 * @returns {Connection}
 */
export function connectHttp(url, apiKey) {
  const closing = new AbortController();
  const base = url.replace(/\/+$/, '');
  const headers = {
    'content-type': 'application/json',
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
  };
  return {
    invoke: inOrder(
      (name, input, options) => {
        const said = {
          ...(options?.by && { 'x-kvflow-by': toHeader(options.by) }),
          ...(options?.trace && { traceparent: options.trace }),
        };
        return post(`/functions/${name}/invocations`, input, said);
      },
      async calls => {
        const items = calls.map(call => ({
          function: call.function,
          input: call.input,
          ...(call.options?.by && { by: toHeader(call.options.by) }),
          ...(call.options?.trace && { traceparent: call.options.trace }),
        }));
        const answer = await post('/invocations', { items });
        // A batch that failed as a whole has failed for each of its calls.
        const envelopes = /** @type {{ items?: Envelope[] }} */ (answer).items;
        return calls.map((_call, index) => envelopes?.[index] ?? answer);
      },
    ),
    close: async () => closing.abort(),
  };

  /**
   * @param {string} path
   * @param {unknown} body
   * @param {Record<string, string>} [more] headers
   * @returns {Promise<Envelope>}
   */
  async function post(path, body, more) {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const sent = { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body), signal };
      return await readEnvelope(await fetch(base + path, sent), base);
    } catch (error) {
      return notReached(base, /** @type {Error} */ (error));
    }
  }
}

/**
 * @param {Response} response
 * @param {string} base
 * @returns {Promise<Envelope>}
 */
async function readEnvelope(response, base) {
  const body = await response.text();
  try {
    const envelope = JSON.parse(body);
    if (typeof envelope?.status_code === 'number' || Array.isArray(envelope?.items)) return envelope;
  } catch {
    // Said below.
  }
  return unavailable(
    `${base} answered ${response.status}, but not as kvflow does. Set the connection to the URL that "kvflow start" prints.`,
  );
}

/**
 * @param {string} base
 * @param {Error & { cause?: unknown }} error
 * @returns {Envelope}
 */
function notReached(base, error) {
  if (error.name === 'TimeoutError') {
    const message = `${base} has not answered within ${TIMEOUT_MS / 1000} s; whether the call had an effect is not known.`;
    return failure(504, { code: 'TIMEOUT', message, retryable: false });
  }
  if (error.name === 'AbortError') return unavailable('The flow was stopped before the call was answered.');
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  return unavailable(
    `kvflow is not reachable at ${base || '(no URL)'}: ${reason}. Start it with: kvflow start`,
  );
}

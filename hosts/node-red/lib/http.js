import { failure, unavailable } from './failures.js';

/** @import { Connection, Envelope } from './types.d.ts' */

/** More than any function may take. */
const TIMEOUT_MS = 60_000;

/**
 * Calls the functions of a kvflow server through its invocation API.
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
    invoke: async (name, input) => {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const body = JSON.stringify(input);
      try {
        const target = `${base}/functions/${name}/invocations`;
        return await readEnvelope(await fetch(target, { method: 'POST', headers, body, signal }), base);
      } catch (error) {
        return notReached(base, /** @type {Error} */ (error));
      }
    },
    close: async () => closing.abort(),
  };
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
    if (typeof envelope?.status_code === 'number') return envelope;
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

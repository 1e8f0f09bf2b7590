/** @import { Msg } from './types.d.ts' */

/** W3C Trace Context, section 3.2; anything else is no header to send. */
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(?:$|-[\x21-\x7e]*$)/;

/**
 * The trace that a message belongs to: its `traceparent`, or the header of the HTTP request that it came with. It stays in the
 * message, which goes on with it.
 * @param {Msg} msg
 * @returns {string | undefined}
 */
export function traceOf(msg) {
  const { traceparent, req } =
    /** @type {{ traceparent?: unknown, req?: { headers?: Record<string, unknown> } }} */ (msg);
  const sent = traceparent ?? req?.headers?.traceparent;
  return typeof sent === 'string' && TRACEPARENT.test(sent) ? sent : undefined;
}

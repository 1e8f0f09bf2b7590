import type { FastifyReply } from 'fastify';

/** When a client that ended its side and is not answered yet is looked for, in milliseconds: the second time finds what the first caused. */
const PROBES_MS = [1_000, 1_250];

/**
 * Aborted when the client is gone before its answer was sent. A client that only ended its side after a whole request is still
 * there (RFC 9112, 9.6), and nothing tells the two apart but what is sent: so it is sent an interim answer (102), which a client
 * passes over (RFC 9110, 15.2) and the machine of one that is gone refuses.
 */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const { socket } = raw;
  let timers: NodeJS.Timeout[] = [];
  const ended = () => {
    // Of a stream that is under way and of HTTP/1.0, which has no interim answers, it is taken for gone.
    if (raw.headersSent || raw.req.httpVersion === '1.0') gone.abort();
    else timers = PROBES_MS.map(ms => setTimeout(probe, ms));
  };
  const probe = () => {
    if (!raw.headersSent && !raw.destroyed) raw.writeProcessing();
  };
  socket?.once('end', ended);
  raw.once('close', () => {
    for (const timer of timers) clearTimeout(timer);
    socket?.off('end', ended);
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

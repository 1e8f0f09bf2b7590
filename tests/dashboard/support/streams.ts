import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Streams of changes that servers of this process have open, and a way to have them away. */
export interface Streams {
  open(): number;
  /** Ends those that are open, and each new one at once, until the returned function is called. */
  cut(): () => void;
}

/** Follows the streams from here on. */
export function followStreams(): Streams {
  const open = new Set<ServerResponse>();
  let away = false;
  subscribe('http.server.request.start', message => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.url !== '/watches') return;
    open.add(response);
    response.once('close', () => open.delete(response));
    if (away) response.destroy();
  });
  return {
    open: () => open.size,
    cut: () => {
      away = true;
      for (const response of open) response.destroy();
      return () => {
        away = false;
      };
    },
  };
}

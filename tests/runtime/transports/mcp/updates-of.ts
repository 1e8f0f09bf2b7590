import type { Client } from '@modelcontextprotocol/client';

/** The URIs that a client is told of, one after the other. */
export function updatesOf(client: Client) {
  const seen: string[] = [];
  let wake: () => void = () => undefined;
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    seen.push(params.uri);
    wake();
  });
  return async (): Promise<string | undefined> => {
    while (seen.length === 0) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
    return seen.shift();
  };
}

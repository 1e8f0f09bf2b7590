import type { FastifyReply } from 'fastify';

/** Lets what an answer holds go when it was sent, or its client is gone: one listener for any number of them. */
export function onceSent({ raw }: FastifyReply): (release: () => void) => void {
  let releases: (() => void)[] | undefined;
  return release => {
    if (raw.destroyed) return release();
    if (!releases) {
      const all: (() => void)[] = [];
      releases = all;
      raw.once('close', () => {
        for (const each of all) each();
      });
    }
    releases.push(release);
  };
}

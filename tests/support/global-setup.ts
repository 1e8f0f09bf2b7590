import { natsServerPath } from './nats-binary.ts';

/**
 * Once before all tests: nats-server is at hand. On a machine that has none it is fetched here and not in the middle of
 * whichever test comes first, whose output and time it would change.
 */
export default async function globalSetup(): Promise<void> {
  await natsServerPath();
}

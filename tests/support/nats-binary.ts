import { bringNatsServer } from '../../scripts/nats-server.ts';

let found: Promise<string> | undefined;

/** Path of a nats-server for tests: the one kvflow itself would use on this machine, looked for once per process. */
export function natsServerPath(): Promise<string> {
  found ??= bringNatsServer({ env: process.env }).then(server => server.path);
  return found;
}

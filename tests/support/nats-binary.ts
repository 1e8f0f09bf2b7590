import { bringNatsServer } from '../../scripts/nats-server.ts';

let found: Promise<string> | undefined;

/** Path of a nats-server for tests: the one kvflow itself would use on this machine, looked for once, before all of them. */
export function natsServerPath(): Promise<string> {
  const { KVFLOW_TEST_NATS_SERVER: path } = process.env;
  found ??= path ? Promise.resolve(path) : bringNatsServer({ env: process.env }).then(server => server.path);
  return found;
}

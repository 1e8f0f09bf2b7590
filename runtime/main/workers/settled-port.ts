import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { HttpConfig } from '../../config/config.ts';
import { listenFault } from '../faults.ts';

/**
 * The port that all workers listen on, also one that is started when no other is left: of 0 a free one is made here. Throws
 * PackError UNAVAILABLE where the port is taken or the address is not of this machine, before any worker tries.
 */
export async function settledPort(http: HttpConfig): Promise<number> {
  const { host, port } = http;
  const probe = createServer();
  try {
    await Promise.race([
      once(probe.listen({ host, port }), 'listening'),
      once(probe, 'error').then(([error]) => Promise.reject(error)),
    ]);
    return (probe.address() as AddressInfo).port;
  } catch (error) {
    throw listenFault(error as NodeJS.ErrnoException, http);
  } finally {
    probe.close();
  }
}

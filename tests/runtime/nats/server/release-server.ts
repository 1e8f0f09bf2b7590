import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FindNatsServerOptions } from '../../../../runtime/nats/server/find.ts';
import { releasePlatform } from '../../../../runtime/nats/server/releases.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { fakeServer } from './helpers.ts';

type Behaviour = 'serve' | 'truncate' | 'silent' | 'stall';

interface ReleaseServer extends AsyncDisposable {
  /** What makes the finder download from here. */
  options: Pick<FindNatsServerOptions, 'releaseBaseUrl' | 'release'>;
  requests(): number;
}

/** A web server with a release 2.15.0 for this platform, laid out as the NATS project lays out its own. */
export async function releaseServer(
  how: { behaviour?: Behaviour; wrongSum?: boolean; binaryVersion?: string } = {},
): Promise<ReleaseServer> {
  const name = `nats-server-v2.15.0-${releasePlatform()}`;
  const archive = await buildArchive(name, how.binaryVersion ?? '2.15.0');
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    if (request.url !== `/v2.15.0/${name}.tar.gz`) response.writeHead(404).end();
    else answer(response, archive, how.behaviour ?? 'serve');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sum = how.wrongSum ? '0'.repeat(64) : createHash('sha256').update(archive).digest('hex');
  const releaseBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    options: { releaseBaseUrl, release: { version: '2.15.0', sha256: { [releasePlatform()]: sum } } },
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}

function answer(response: ServerResponse, archive: Buffer, behaviour: Behaviour): void {
  if (behaviour === 'silent') return;
  response.writeHead(200, { 'content-length': archive.length });
  if (behaviour === 'serve') response.end(archive);
  else response.write(archive.subarray(0, 50), () => behaviour === 'truncate' && response.destroy());
}

async function buildArchive(name: string, version: string): Promise<Buffer> {
  await using dir = await tempDir();
  await fakeServer(join(dir.path, name, 'nats-server'), version);
  await promisify(execFile)('tar', ['-czf', 'archive.tar.gz', name], { cwd: dir.path });
  return await readFile(join(dir.path, 'archive.tar.gz'));
}

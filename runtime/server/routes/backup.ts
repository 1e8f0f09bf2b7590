import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { BY_HEADER, parseClaim } from '../../../contract/written-by.ts';
import { fromBackupFile, toBackupFile } from '../../core/backup-file.ts';
import { success } from '../../core/envelope.ts';
import type { StreamCaller } from '../../core/open.ts';
import { sendEnvelope } from '../answer.ts';
import { bodyBytes } from '../body-bytes.ts';
import { dropRest } from '../drop-rest.ts';
import { currentPrincipal } from '../guard.ts';
import { requireUnpacked, unsupportedMedia } from '../media-types.ts';
import type { ServerParts } from '../options.ts';
import { refuseUnknown, wholeNumber } from '../query.ts';

interface Route {
  Params: { bucket: string };
  Querystring: Record<string, string>;
}

const BYTES = 'application/octet-stream';
/**
 * GET /buckets/{bucket}/backup and POST /buckets/{bucket}/restore: a whole bucket as it was at one moment, as bytes.
 */
export function backupRoutes({ access, open }: Pick<ServerParts, 'access' | 'open'>): FastifyPluginAsync {
  const callerOf = (request: FastifyRequest): StreamCaller => ({
    principal: request.principal,
    renew: currentPrincipal(request, access),
    invocationId: request.id,
    by: parseClaim(request.headers[BY_HEADER] as string | undefined),
  });
  return async app => {
    // The body is read by the handler, after the rights were, however long it is.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    app.get<Route>('/buckets/:bucket/backup', { compress: false }, async (request, reply) => {
      await access.spend(request.principal, 1);
      const { bucket } = request.params;
      refuseUnknown(request.query, 'none');
      await using taken = await open('backup', { bucket }, callerOf(request));
      // A client may be slower than the server waits for one, and whether all is well is to be known before the answer begins.
      const file = await spool(toBackupFile(taken));
      const answer = Readable.from(taken.handOut(file.stream), { objectMode: false });
      answer.once('close', () => file.stream.destroy());
      reply.header('content-type', BYTES);
      reply.header('content-length', file.bytes);
      reply.header('content-disposition', `attachment; filename="${bucket}.kvbackup"`);
      return reply.send(answer);
    });

    app.post<Route>(
      '/buckets/:bucket/restore',
      { bodyLimit: Number.MAX_SAFE_INTEGER, config: { streamed: true } },
      async (request, reply) => {
        await access.spend(request.principal, 1);
        const { bucket } = request.params;
        const { num_replicas: replicas, ...unknown } = request.query;
        refuseUnknown(unknown, 'num_replicas');
        const asked = { bucket, ...(replicas !== undefined && { num_replicas: wholeNumber(replicas) }) };
        const restore = await open('restore', asked, callerOf(request));
        if (!(request.body instanceof Readable) || !request.headers['content-type']?.startsWith(BYTES))
          throw unsupportedMedia(`A restore takes content-type: ${BYTES}.`);
        requireUnpacked(request.headers);
        try {
          const backup = await fromBackupFile(bodyBytes(request.body));
          await restore(backup);
          const { bucket: of, at, revision, messages } = backup.header;
          sendEnvelope(reply, success({ bucket, of, at, revision, messages }));
        } catch (error) {
          dropRest(request.raw);
          throw error;
        }
        return reply;
      },
    );
  };
}

/** Everything in a file that is gone once it was read or the reader has left. */
async function spool(chunks: AsyncIterable<Uint8Array>): Promise<{ stream: Readable; bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-backup-'));
  const drop = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'backup');
    await pipeline(Readable.from(chunks), createWriteStream(path, { mode: 0o600 }));
    const { size: bytes } = await stat(path);
    const stream = createReadStream(path);
    stream.once('close', () => void drop());
    return { stream, bytes };
  } catch (error) {
    await drop();
    throw error;
  }
}

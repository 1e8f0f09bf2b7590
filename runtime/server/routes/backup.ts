import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyPluginAsync } from 'fastify';
import { invalidField } from '../../../contract/errors.ts';
import { authorizeCall } from '../../core/admit.ts';
import { fromBackupFile, toBackupFile } from '../../core/backup-file.ts';
import { success } from '../../core/envelope.ts';
import type { Principal } from '../../core/principal.ts';
import { scopedKv } from '../../core/scoped-kv.ts';
import { sendEnvelope } from '../answer.ts';
import { dropRest } from '../drop-rest.ts';
import { requireUnpacked, unsupportedMedia } from '../media-types.ts';
import type { ServerParts } from '../options.ts';

interface Route {
  Params: { bucket: string };
  Querystring: Record<string, string>;
}

const BYTES = 'application/octet-stream';
/** A bucket of many gigabytes is copied in minutes. */
const BACKUP_MS = 3_600_000;

/**
 * GET /buckets/{bucket}/backup and POST /buckets/{bucket}/restore: a whole bucket as it was at one moment, as bytes. A backup
 * holds a bucket's writes for a moment: it takes the rights to export and to copy it; a restore those to make it and to import.
 */
export function backupRoutes({
  access,
  registry,
  kv,
}: Pick<ServerParts, 'access' | 'registry' | 'kv'>): FastifyPluginAsync {
  const authorize = (principal: Principal, bucket: string, names: readonly string[]): void => {
    for (const name of names) authorizeCall(registry.get(name), { bucket, to: bucket }, principal);
  };
  return async app => {
    // The body is read by the handler, after the rights were, however long it is.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    app.get<Route>('/buckets/:bucket/backup', { compress: false }, async (request, reply) => {
      await access.spend(request.principal, 1);
      const { bucket } = checked(registry, request.params);
      refuseUnknown(request.query, []);
      authorize(request.principal, bucket, ['kv-bucket-export', 'kv-bucket-clone']);
      const call = { deadline: Date.now() + BACKUP_MS };
      await using taken = await scopedKv(kv, request.principal).backup(call, bucket);
      // A client may be slower than the server waits for one, and whether all is well is to be known before the answer begins.
      const file = await spool(toBackupFile(taken));
      reply.header('content-type', BYTES);
      reply.header('content-length', file.bytes);
      reply.header('content-disposition', `attachment; filename="${bucket}.kvbackup"`);
      return reply.send(file.stream);
    });

    app.post<Route>(
      '/buckets/:bucket/restore',
      { bodyLimit: Number.MAX_SAFE_INTEGER, config: { streamed: true } },
      async (request, reply) => {
        await access.spend(request.principal, 1);
        const { bucket } = checked(registry, request.params);
        authorize(request.principal, bucket, ['kv-bucket-create', 'kv-bucket-import']);
        const { num_replicas } = refuseUnknown(request.query, ['num_replicas']);
        if (!(request.body instanceof Readable) || !request.headers['content-type']?.startsWith(BYTES))
          throw unsupportedMedia(`A restore takes content-type: ${BYTES}.`);
        requireUnpacked(request.headers);
        const call = { deadline: Date.now() + BACKUP_MS };
        try {
          // The answer is sent on the same connection: it must outlive a body that is not read to its end.
          const backup = await fromBackupFile(request.body.iterator({ destroyOnReturn: false }));
          const replicas = num_replicas === undefined ? {} : { replicas: toReplicas(num_replicas) };
          await scopedKv(kv, request.principal).restore(call, { bucket, ...backup, ...replicas });
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

/** The name as every function takes it. */
function checked(registry: ServerParts['registry'], { bucket }: Route['Params']): Route['Params'] {
  const faults = registry.get('kv-bucket-info').validateInput({ bucket });
  if (faults[0]) throw invalidField('/bucket', faults[0].message);
  return { bucket };
}

function toReplicas(text: string): number {
  if (/^[1-5]$/.test(text)) return Number(text);
  throw invalidField('/num_replicas', 'must be 1 to 5');
}

function refuseUnknown(query: Record<string, string>, known: string[]): Record<string, string> {
  const name = Object.keys(query).find(asked => !known.includes(asked));
  if (name === undefined) return query;
  const told = known.length > 0 ? `known are: ${known.join(', ')}` : 'there are none';
  throw invalidField(`/${name}`, `is not a known parameter; ${told}`);
}

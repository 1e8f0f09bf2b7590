import type { NatsConnection } from '@nats-io/transport-node';
import { createInbox } from '@nats-io/transport-node';
import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { ApiError } from '../../errors.ts';
import { fromApi } from '../../errors.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';

/** What streams are read and written with as archives. */
export interface Archives {
  api: JsApi;
  connection(): NatsConnection | undefined;
}

/** The server sends so much at once; each part is asked for. */
const CHUNK_BYTES = 128 * 1024;
/** The server gives up a snapshot that nobody takes for so long; it is not waited for longer. */
const SILENCE_MS = 15_000;
/** A restore is stored and indexed before it is answered. */
const RESTORE_MS = 120_000;

/** The archive of a stream that nobody writes to (ADR-2, STREAM.SNAPSHOT), part by part as it is taken. */
export async function readSnapshot(
  call: Call,
  { api, connection }: Archives,
  stream: string,
): Promise<{ state: StreamInfo['state']; parts: AsyncIterable<Uint8Array> }> {
  const nc = connection();
  if (!nc) throw new PackError('UNAVAILABLE', 'NATS is out of reach. Try again.');
  const deliver_subject = createInbox();
  const sub = nc.subscribe(deliver_subject, { timeout: SILENCE_MS });
  const request = { deliver_subject, no_consumers: true, chunk_size: CHUNK_BYTES };
  try {
    const head = await api.ask<{ state: StreamInfo['state'] }>(
      call,
      `STREAM.SNAPSHOT.${stream}`,
      request,
      stream,
    );
    return { state: head.state, parts: parts() };
  } catch (error) {
    sub.unsubscribe();
    throw error;
  }

  async function* parts(): AsyncGenerator<Uint8Array> {
    try {
      for await (const msg of sub) {
        if (msg.data.length === 0) {
          if ((msg.headers?.code ?? 0) >= 400) throw broken(msg.headers?.description ?? '');
          return;
        }
        yield msg.data;
        msg.respond();
      }
      throw broken('it ended early');
    } catch (error) {
      throw error instanceof PackError ? error : broken((error as Error).message);
    } finally {
      sub.unsubscribe();
    }
  }
}

/** Makes a stream from an archive (STREAM.RESTORE). A part that cannot be had ends it, and nothing is left behind. */
export async function restoreSnapshot(
  call: Call,
  { api, connection }: Archives,
  { config, state, parts }: { config: StreamConfig; state: unknown; parts: AsyncIterable<Uint8Array> },
): Promise<void> {
  const nc = connection();
  if (!nc) throw new PackError('UNAVAILABLE', 'NATS is out of reach. Try again.');
  const about = `bucket "${config.name.slice('KV_'.length)}"`;
  const { deliver_subject } = await api.ask<{ deliver_subject: string }>(
    call,
    `STREAM.RESTORE.${config.name}`,
    { config, state },
    about,
  );
  try {
    for await (const part of parts) await nc.request(deliver_subject, part, { timeout: SILENCE_MS });
  } catch (error) {
    // What was sent must not be taken for all: these bytes are no archive.
    await nc.request(deliver_subject, 'given up', { timeout: SILENCE_MS }).catch(() => undefined);
    await nc.request(deliver_subject, '', { timeout: SILENCE_MS }).catch(() => undefined);
    throw error;
  }
  const timeout = Math.max(1_000, Math.min(RESTORE_MS, call.deadline - Date.now()));
  const answer = (await nc.request(deliver_subject, '', { timeout })).json<{ error?: ApiError }>();
  if (!answer.error) return;
  if (answer.error.err_code !== RESTORE_FAILED) throw fromApi(answer.error, about);
  throw new PackError('INVALID_INPUT', `The NATS server cannot read the backup: ${answer.error.description}`);
}

/** nats-server, server/errors.json: the archive is damaged. */
const RESTORE_FAILED = 10062;

function broken(why: string): PackError {
  return new PackError('UNAVAILABLE', `The NATS server broke off the backup: ${why}. Try again.`);
}

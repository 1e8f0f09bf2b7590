import { Readable } from 'node:stream';
import { PackError } from '../../../contract/errors.ts';
import { forgetText, keepText, parseExact, stringifyExact } from '../../../contract/exact-json.ts';
import type { WrittenBy } from '../../../contract/written-by.ts';
import { BY_HEADER, formatWrittenBy } from '../../../contract/written-by.ts';
import { readAhead } from '../../core/backup-file.ts';
import type { Envelope } from '../../core/envelope.ts';
import { failure, isFailure } from '../../core/envelope.ts';
import type { InvokeOptions } from '../../core/invoke.ts';
import { usageError } from './exit-codes.ts';
import type { Restored, RestoreOptions, Session } from './host.ts';

/** A kvflow that runs somewhere else. */
export interface Server {
  /** Of its invocation API, such as https://kv.example.com; a path before it is kept. */
  url: string;
  /** API key, where it wants one. */
  key?: string | undefined;
}

/** How a command is given a key; the server's own words are about requests. */
const NO_KEY =
  'This kvflow asks for an API key. Give it in KVFLOW_API_KEY or with --key, or keep it with kvflow login URL; there, kvflow keys add NAME makes one.';

/** What the way to the server and back may take beside the call's own time, in milliseconds. */
const ON_THE_WAY_MS = 2_000;

/**
 * Calls functions of a server over HTTP. As invoke itself it answers every outcome as an envelope: a server that is out
 * of reach is UNAVAILABLE. Throws INVALID_INPUT when the URL is none.
 */
export function connectRemote({ url, key }: Server): Session {
  const base = baseOf(url);
  const headers = headersOf(key);
  return { invoke, backup, restore, [Symbol.asyncDispose]: async () => undefined };

  async function* backup(bucket: string): AsyncGenerator<Uint8Array> {
    const answer = await reach(`${base}/buckets/${encodeURIComponent(bucket)}/backup`, { headers });
    if (!answer.ok || !answer.body) throw errorOf(readEnvelope(await answer.text(), answer.status));
    yield* answer.body;
  }

  async function restore(
    file: AsyncIterable<Uint8Array>,
    { bucket, replicas, by }: RestoreOptions,
  ): Promise<Restored> {
    // The name it had is in the file, whose first line goes along all the same.
    const { name, bytes } = await named(file, bucket);
    const query = replicas === undefined ? '' : `?num_replicas=${replicas}`;
    const answer = await reach(`${base}/buckets/${encodeURIComponent(name)}/restore${query}`, {
      method: 'POST',
      headers: { ...headers, ...claim(by), 'content-type': 'application/octet-stream' },
      body: Readable.toWeb(Readable.from(bytes)) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    const envelope = readEnvelope(await answer.text(), answer.status);
    if (isFailure(envelope)) throw errorOf(envelope);
    return envelope.data as Restored;
  }

  async function reach(url: string, options: RequestInit): Promise<Response> {
    try {
      return await fetch(url, options);
    } catch (thrown) {
      throw toError(thrown);
    }
  }

  async function invoke(name: string, input: unknown, options: InvokeOptions = {}): Promise<Envelope> {
    const { timeoutMs, signal, by } = options;
    const signals = [
      ...(signal ? [signal] : []),
      ...(timeoutMs ? [AbortSignal.timeout(timeoutMs + ON_THE_WAY_MS)] : []),
    ];
    try {
      const answer = await fetch(`${base}/functions/${encodeURIComponent(name)}/invocations`, {
        method: 'POST',
        headers: {
          ...headers,
          ...(timeoutMs && { 'x-timeout-ms': String(timeoutMs) }),
          ...claim(by),
        },
        body: stringifyExact(input),
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      });
      return readEnvelope(await answer.text(), answer.status);
    } catch (thrown) {
      return failure(toError(thrown));
    }
  }

  function readEnvelope(text: string, status: number): Envelope {
    const envelope = parsed(text);
    if (envelope && !key && isFailure(envelope) && envelope.error.code === 'UNAUTHENTICATED')
      return { ...envelope, error: { ...envelope.error, message: NO_KEY } };
    if (envelope) return envelope;
    throw new PackError(
      'UNAVAILABLE',
      `${base} answers as no kvflow does (HTTP ${status}). Is the URL right?`,
    );
  }

  function toError(thrown: unknown): PackError {
    if (thrown instanceof PackError) return thrown;
    const { name, message, cause } = thrown as Error & { cause?: { code?: string; message?: string } };
    if (name === 'TimeoutError') return new PackError('TIMEOUT', `${base} did not answer in time.`);
    const why = cause?.code ?? cause?.message ?? message;
    return new PackError('UNAVAILABLE', `${base} cannot be reached (${why}). Does kvflow run there?`);
  }
}

function errorOf(envelope: Envelope): PackError {
  if (!isFailure(envelope)) return new PackError('UNAVAILABLE', 'The answer is none of kvflow.');
  const { code, message, ...options } = envelope.error;
  return new PackError(code, message, options);
}

/** The bucket that a backup is to be, and all of its bytes. */
async function named(file: AsyncIterable<Uint8Array>, bucket: string | undefined) {
  if (bucket !== undefined) return { name: bucket, bytes: file };
  const { header, bytes } = await readAhead(file);
  return { name: header.bucket, bytes };
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw usageError(`The URL of the server is "${text}": must be such as http://127.0.0.1:4280`);
  }
  if (url.username || url.password)
    throw usageError('The URL of the server holds a password: give an API key with --key instead');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function claim(by: WrittenBy | undefined): Record<string, string> {
  return by ? { [BY_HEADER]: formatWrittenBy(by) } : {};
}

function headersOf(key: string | undefined): Record<string, string> {
  const plain = { 'content-type': 'application/json' };
  if (!key) return plain;
  if (!/^[\x21-\x7e]+$/.test(key)) throw usageError('The API key holds spaces or characters that no key has');
  return { ...plain, authorization: `Bearer ${key}` };
}

/** Lets the printing lay an object out, as that of a call made here, where nothing but white space is lost by it. */
function layOut(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const exact = stringifyExact(part);
  const kept = {};
  keepText(part, kept);
  forgetText(part);
  if (stringifyExact(part) !== exact) keepText(kept, part);
}

function parsed(text: string): Envelope | undefined {
  try {
    const value = parseExact(text) as Envelope | null;
    const isEnvelope = typeof value === 'object' && value !== null && ('data' in value || 'error' in value);
    if (!isEnvelope) return undefined;
    for (const part of ['data' in value ? value.data : value.error, value]) layOut(part);
    return value;
  } catch {
    return undefined;
  }
}

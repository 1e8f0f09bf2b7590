import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server';
import { PackError } from '../../../contract/errors.ts';
import type { Envelope, Failure } from '../../core/envelope.ts';
import { failure, isFailure, toPackError } from '../../core/envelope.ts';

/** The data of a call that worked; throws for one that failed. */
export function dataOf(envelope: Envelope, uri: string): Record<string, unknown> {
  if (isFailure(envelope)) throw protocolError(envelope, uri);
  return envelope.data as Record<string, unknown>;
}

/**
 * A failure as JSON-RPC knows it. The protocol has taken most codes below -32000 for itself, so there are two: the
 * caller's fault or ours; the envelope is in the data. What is not there has the protocol's own form.
 */
export function protocolError(envelope: Failure, uri: string): ProtocolError {
  const { status_code, error } = envelope;
  if (status_code === 404) return new ResourceNotFoundError(uri, error.message);
  const code = status_code < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, `${error.code}: ${error.message}`, envelope);
}

/** Whatever was thrown about a resource, as JSON-RPC knows it. */
export function toProtocolError(thrown: unknown, uri: string): ProtocolError {
  return thrown instanceof ProtocolError ? thrown : protocolError(failure(toPackError(thrown)), uri);
}

/** Runs what throws our errors as part of a request about a resource. */
export async function translated<T>(uri: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw toProtocolError(thrown, uri);
  }
}

/** The answer to a request that the library does not get to see. */
export function rpcFailure(id: string | number | null, thrown: unknown) {
  const { code, message, data } = toProtocolError(thrown, '');
  return { jsonrpc: '2.0' as const, id, error: { code, message, data } };
}

/** The URI is none of ours. */
export function noSuchResource(uri: string): PackError {
  return new PackError(
    'ROUTE_NOT_FOUND',
    `There is no resource "${uri}". Resources are kvflow://buckets, kvflow://buckets/{bucket}, kvflow://buckets/{bucket}/keys and kvflow://buckets/{bucket}/keys/{key}, names percent-encoded.`,
  );
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { PackError } from '../../../contract/errors.ts';
import { HEAVIEST, jsonWeight } from '../../core/json-weight.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Lease } from './lease.ts';
import { createLease } from './lease.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its body has taken of the budget, where it is weighed once it is there; null: it is small, or there is none. */
    lease: Lease | null;
  }
  interface FastifyContextConfig {
    /** The body is read a piece at a time, and the handler counts what it holds. */
    streamed?: boolean;
  }
}

/** Smaller bodies are counted as the heaviest that they can be; larger ones by what is in them, once they are there. */
const SMALL = 64 * 1024;
const HEAVIEST_SMALL = 24;
/** What of the whole budget one body may take. */
const ONE_BODY = 0.6;

/** Takes room for a body before it is read, until the answer is sent. Throws RATE_LIMITED. */
export function reserveBody(budget: ByteBudget, request: FastifyRequest, reply: FastifyReply): void {
  const bytes = bytesToCome(request);
  if (bytes === 0 || request.routeOptions.config.streamed === true) return;
  const weight = bytes * (bytes <= SMALL ? HEAVIEST_SMALL : 4);
  budget.take(weight);
  if (bytes <= SMALL) return void reply.raw.once('close', () => budget.give(weight));
  const lease = createLease(budget, weight);
  request.lease = lease;
  reply.raw.once('close', lease.release);
}

/** Whether what JSON text weighs may be taken after it was read: it could not weigh too much. */
export function hasRoomForAny(budget: ByteBudget, body: Uint8Array): boolean {
  return body.length * HEAVIEST <= Math.min(budget.free(), budget.most * ONE_BODY);
}

/** Takes what JSON text weighs beyond its bytes. Throws PAYLOAD_TOO_LARGE or RATE_LIMITED. */
export function weighJson(budget: ByteBudget, body: Uint8Array, lease: Lease | null): void {
  if (body.length <= SMALL || !lease) return;
  const weight = jsonWeight(body);
  const most = budget.most * ONE_BODY;
  if (weight > most) throw tooHeavy(body.length, most);
  lease.add(weight - lease.bytes());
}

/** Of a body without a length as many as may come. */
function bytesToCome({ headers, routeOptions }: FastifyRequest): number {
  const limit = routeOptions.bodyLimit ?? 0;
  if (headers['transfer-encoding'] !== undefined) return limit;
  const length = Number(headers['content-length'] ?? 0);
  // More than the route takes is refused before it is read.
  return length > limit || !Number.isFinite(length) ? 0 : length;
}

function tooHeavy(bytes: number, most: number): PackError {
  return new PackError(
    'PAYLOAD_TOO_LARGE',
    `The body of ${bytes} bytes has so many objects, lists and members that reading it would take more than ${Math.floor(most)} bytes of memory; send it in several requests, or its parts as text.`,
    { details: { limit: Math.floor(most) } },
  );
}

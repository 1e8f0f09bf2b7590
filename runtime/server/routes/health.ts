import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyPluginAsync } from 'fastify';
import { PackError } from '../../../contract/errors.ts';
import { failure, success } from '../../core/envelope.ts';
import { sendEnvelope } from '../answer.ts';
import type { Health, ServerParts } from '../options.ts';

const PATIENCE_MS = 2_000;
const open = { config: { open: true } };

/**
 * GET /healthz: the process answers. GET /readyz: calls can be served, that is, NATS is reached and has a leader; `warnings` says
 * what is not as it should be all the same. Neither needs a key; names of buckets are told to one that may use all of them.
 */
export function healthRoutes(
  parts: Pick<ServerParts, 'access' | 'health' | 'registry' | 'draining'>,
): FastifyPluginAsync {
  return async app => {
    app.get('/healthz', open, async (_request, reply) => {
      sendEnvelope(reply, success({ status: 'ok', version: parts.registry.version }));
      return reply;
    });
    app.get('/readyz', open, async ({ headers }, reply) => {
      const health: Health = parts.draining()
        ? { ready: false, reason: 'kvflow is shutting down' }
        : await ask(parts.health);
      sendEnvelope(
        reply,
        health.ready
          ? success(readyOf(health, maySee(headers.authorization)))
          : failure(notReady(health.reason)),
      );
      return reply;
    });
  };

  function maySee(authorization: string | undefined): boolean {
    if (!parts.access.required()) return true;
    try {
      return parts.access.authenticate(authorization).buckets.includes('*');
    } catch {
      return false; // No key is needed here.
    }
  }
}

async function ask(health: () => Promise<Health>): Promise<Health> {
  const late = new AbortController();
  const patience = sleep(PATIENCE_MS, undefined, { signal: late.signal });
  try {
    const slow = patience.then(
      (): Health => ({ ready: false, reason: `no answer from NATS in ${PATIENCE_MS} ms` }),
    );
    slow.catch(() => undefined);
    return await Promise.race([health(), slow]);
  } catch (error) {
    return {
      ready: false,
      reason: error instanceof PackError ? error.message : 'the state of NATS is not known',
    };
  } finally {
    late.abort();
  }
}

function readyOf({ warnings = [] }: Extract<Health, { ready: true }>, maySee: boolean) {
  if (warnings.length === 0) return { status: 'ready' };
  const howMany = `${warnings.length} in all: an API key that may use all buckets reads them here, and kvflow check tells them.`;
  return { status: 'ready', warnings: maySee ? warnings : [howMany] };
}

function notReady(reason: string): PackError {
  return new PackError('UNAVAILABLE', `Not ready: ${reason}`);
}

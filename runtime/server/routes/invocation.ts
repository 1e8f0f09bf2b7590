import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { authorizeCall } from '../../core/admit.ts';
import { DEFAULT_TIMEOUT_MS } from '../../core/invoke.ts';
import { sendEnvelope } from '../answer.ts';
import { readCallHeaders } from '../call-headers.ts';
import { goneSignal } from '../gone-signal.ts';
import { currentPrincipal } from '../guard.ts';
import type { Caller, Invocations } from '../invocations.ts';
import { onceSent } from '../memory/once-sent.ts';
import type { ServerParts } from '../options.ts';

interface Route {
  Params: { name: string };
}

/** POST /functions/{name}/invocations: the bare input in, the envelope out. */
export function invocationRoute(parts: ServerParts, invocations: Invocations): FastifyPluginAsync {
  const { access, idempotency, log, registry } = parts;
  return async app => {
    app.post<Route>('/functions/:name/invocations', async (request, reply) => {
      const { principal, id: invocationId } = request;
      const { timeoutMs, idempotencyKey, by } = readCallHeaders(request.headers);
      const { name } = request.params;
      // No body is no input: enough for functions that need none.
      const input = request.body === undefined ? {} : request.body;
      await access.spend(principal, registry.calls(name, input));
      const renew = currentPrincipal(request, access);
      const caller = { held: onceSent(reply), principal, invocationId, timeoutMs, renew, by };
      if (idempotencyKey === undefined)
        sendEnvelope(reply, await invocations.run(name, input, { ...caller, ...whileThere(name, reply) }));
      else await runOnce({ name, input, key: idempotencyKey }, caller, reply);
      return reply;
    });
  };

  /** Only for what may take long, since each costs. With an idempotency key the client may come back for the answer. */
  function whileThere(name: string, reply: FastifyReply): { signal?: AbortSignal } {
    const isLong = (invocations.limitOf(name) ?? 0) > DEFAULT_TIMEOUT_MS;
    return isLong ? { signal: goneSignal(reply) } : {};
  }

  async function runOnce(
    call: { name: string; input: unknown; key: string },
    caller: Caller,
    reply: FastifyReply,
  ) {
    const { name, input, key } = call;
    const { principal, invocationId } = caller;
    // A kept answer is for those only who might make the call today.
    authorizeCall(registry.get(name), input, principal);
    const timeoutMs = invocations.limitOf(name) ?? DEFAULT_TIMEOUT_MS;
    const { outcome, replayed } = await idempotency.once(
      { key, principal, route: `functions/${name}`, body: input, timeoutMs },
      () => invocations.run(name, input, caller),
      envelope => [envelope],
    );
    if (replayed) {
      reply.header('idempotency-replayed', 'true');
      log.info({ function: name, key: principal.name, invocation_id: invocationId }, 'invocation replayed');
    }
    sendEnvelope(reply, outcome);
  }
}

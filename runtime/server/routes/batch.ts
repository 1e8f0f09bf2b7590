import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import { parseClaim } from '../../../contract/written-by.ts';
import { authorizeCall } from '../../core/admit.ts';
import { ANSWERS_MUCH_MARK } from '../../core/call-cost.ts';
import type { Envelope } from '../../core/envelope.ts';
import { failure, isFailure, toPackError } from '../../core/envelope.ts';
import { DEFAULT_TIMEOUT_MS } from '../../core/invoke.ts';
import type { Principal } from '../../core/principal.ts';
import { readTraceparent } from '../../core/trace.ts';
import { sendJson } from '../answer.ts';
import { createAnswerBudget } from '../answer-budget.ts';
import type { BatchItem } from '../batch-input.ts';
import { createBatchReader } from '../batch-input.ts';
import type { RunItem } from '../batch-order.ts';
import { runInOrder } from '../batch-order.ts';
import { readCallHeaders } from '../call-headers.ts';
import { currentPrincipal } from '../guard.ts';
import type { Caller, Invocations } from '../invocations.ts';
import { onceSent } from '../memory/once-sent.ts';
import type { ServerParts } from '../options.ts';

interface BatchAnswer {
  items: Envelope[];
}

/** POST /invocations: many calls in one request, their envelopes in the same order. */
export function batchRoute(parts: ServerParts, invocations: Invocations): FastifyPluginAsync {
  const { access, idempotency, log } = parts;
  const readers = new Set(
    parts.registry.list().flatMap(({ name, annotations }) => (annotations.readOnly ? [name] : [])),
  );
  const answerMuch = new Set(
    parts.registry.list().flatMap(({ name, output }) => (output[ANSWERS_MUCH_MARK] === true ? [name] : [])),
  );
  /** Whose answers may be large. */
  const bounded = new Set([...readers, ...answerMuch]);
  const readBatch = createBatchReader();
  return async app => {
    app.post('/invocations', async (request, reply) => {
      const { principal, id: invocationId } = request;
      const { timeoutMs, idempotencyKey, by } = readCallHeaders(request.headers);
      const items = readBatch(request.body);
      await access.spend(
        principal,
        items.reduce((sum, item) => sum + parts.registry.calls(item.function, item.input), 0),
      );
      // One budget for the whole batch, so that a thousand calls on one key cannot hold the request for hours.
      const caller = {
        principal,
        invocationId,
        by,
        timeoutMs: Math.min(timeoutMs ?? Number.POSITIVE_INFINITY, longest(items)),
        renew: currentPrincipal(request, access),
        held: onceSent(reply),
      };
      if (idempotencyKey === undefined) sendJson(reply, stringifyExact(await runAll(items, caller)));
      else await runOnce(items, idempotencyKey, caller, reply);
      return reply;
    });
  };

  async function runAll(items: BatchItem[], caller: Caller & { timeoutMs: number }): Promise<BatchAnswer> {
    const end = Date.now() + caller.timeoutMs;
    const run = (item: BatchItem, index: number): Promise<Envelope> => {
      const { function: name, input = {} } = item;
      const timeoutMs = end - Date.now();
      if (timeoutMs <= 0) return Promise.resolve<Envelope>(failure(outOfTime(item)));
      return invocations.run(name, input, callerOf(item, index, { ...caller, timeoutMs }));
    };
    // Answers of a few words are not counted where no other is.
    const isCounted = items.some(item => bounded.has(item.function));
    return { items: await runInOrder(items, isCounted ? withinBudget(run) : run) };
  }

  function withinBudget(run: RunItem<Envelope>): RunItem<Envelope> {
    const budget = createAnswerBudget(answerMuch);
    return (item, index) => {
      const { function: name } = item;
      const work = () => run(item, index);
      return readers.has(name) ? budget.read(name, work) : budget.write(name, work);
    };
  }

  async function runOnce(
    items: BatchItem[],
    key: string,
    caller: Caller & { timeoutMs: number },
    reply: FastifyReply,
  ) {
    const { principal, timeoutMs, invocationId } = caller;
    const { outcome, replayed } = await idempotency.once(
      { key, principal, route: 'invocations', body: items, timeoutMs: longest(items) },
      () => runAll(items, { ...caller, timeoutMs }),
      answer => answer.items,
    );
    if (replayed) {
      reply.header('idempotency-replayed', 'true');
      log.info({ items: items.length, key: principal.name, invocation_id: invocationId }, 'batch replayed');
    }
    const answer = replayed
      ? { items: outcome.items.map((one, at) => stillAllowed(one, items[at], principal)) }
      : outcome;
    sendJson(reply, stringifyExact(answer));
  }

  /** A kept answer is for those only who might make the call today. */
  function stillAllowed(kept: Envelope, item: BatchItem | undefined, principal: Principal): Envelope {
    if (!item || isFailure(kept)) return kept;
    try {
      authorizeCall(parts.registry.get(item.function), item.input ?? {}, principal);
      return kept;
    } catch (error) {
      return failure(toPackError(error));
    }
  }

  function longest(items: BatchItem[]): number {
    return items.reduce(
      (most, item) => Math.max(most, invocations.limitOf(item.function) ?? 0),
      DEFAULT_TIMEOUT_MS,
    );
  }
}

/** Who makes one item's call: the caller of the batch, and what the item says of itself. */
function callerOf({ by, traceparent }: BatchItem, index: number, caller: Caller): Caller {
  caller.invocationId = `${caller.invocationId}.${index}`;
  if (by !== undefined) caller.by = parseClaim(by) ?? caller.by;
  if (traceparent !== undefined) caller.trace = readTraceparent(traceparent);
  return caller;
}

function outOfTime(item: BatchItem): PackError {
  const message = `The batch ran out of time before ${item.function} was called; it did nothing. Send fewer items on one key.`;
  return new PackError('TIMEOUT', message, { retryable: true });
}

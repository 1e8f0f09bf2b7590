import { invalidField } from '../contract/errors.ts';
import { withExactNumbers } from '../contract/exact-json.ts';
import type { KvTransactInput, KvTransactOutput, TransactOperation } from '../contract/types.gen.ts';
import type { Change } from '../runtime/core/changes.ts';
import { countChange, patchChange } from '../runtime/core/changes.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { askedAbout } from '../runtime/core/items.ts';
import type { PatchOperation } from '../runtime/core/json/json-patch.ts';
import type { Pointers } from '../runtime/core/pointing.ts';
import { pointing } from '../runtime/core/pointing.ts';
import type { KvOperation } from '../runtime/core/ports/transactions.ts';
import { toStored } from '../runtime/core/values.ts';

export default defineFunction<KvTransactInput, KvTransactOutput>({
  timeoutMs: 30_000,
  async run({ bucket, checks = [], operations = [] }, ctx) {
    const planned = operations.map((operation, index) => plan(operation, `/operations/${index}`));
    const transaction = { bucket, checks, operations: planned.map(({ operation }) => operation) };
    const { results } = await pointing(pointersOf(operations), () => ctx.kv.transact(ctx, transaction));
    return {
      bucket,
      results: operations.map(({ op, key }, index) => ({
        op,
        key,
        revision: results[index]?.revision ?? 0,
        ...planned[index]?.answer?.(),
        ...(results[index]?.expiresAt && { expires_at: results[index].expiresAt }),
      })),
    };
  },
});

/** A value that follows from what is stored is nowhere in the input; what it was made with is. */
function pointersOf(operations: readonly TransactOperation[]): Pointers {
  const made = operations.flatMap(({ op, merge, by }, index) => {
    const at = `/operations/${index}`;
    if (op === 'patch') return [[`${at}/value`, `${at}/${merge === undefined ? 'patch' : 'merge'}`]];
    return op === 'increment' ? [[`${at}/value`, by === undefined ? at : `${at}/by`]] : [];
  });
  return Object.fromEntries(made);
}

interface Planned {
  operation: KvOperation;
  /** What is answered beside the revision. */
  answer?: () => { value: number };
}

/** Fields that belong to one kind of operation; on another they are a mistake that would be silent. */
const FIELDS: Record<TransactOperation['op'], readonly string[]> = {
  put: ['value', 'encoding', 'content_type', 'metadata', 'ttl'],
  delete: [],
  purge: [],
  increment: ['by', 'initial', 'pointer', 'ttl'],
  patch: ['merge', 'patch', 'initial'],
};

function plan(asked: TransactOperation, at: string): Planned {
  const { op, key, expected_revision } = asked;
  for (const name of Object.keys(asked)) {
    if (['op', 'key', 'expected_revision', ...FIELDS[op]].includes(name)) continue;
    throw invalidField(`${at}/${name}`, `does not belong to op "${op}"`);
  }
  const expected = expected_revision === undefined ? {} : { expectedRevision: expected_revision };
  switch (op) {
    case 'put':
      return { operation: { op, key, ...expected, ...putOf(asked, at) } };
    case 'increment':
      return incrementOf(asked, { key, at, ...expected });
    case 'patch':
      return { operation: patchOf(asked, { key, at, ...expected }).operation };
    default:
      return { operation: { op, key, ...expected } };
  }
}

function putOf(asked: TransactOperation, at: string) {
  const { value, encoding, ttl } = asked;
  if (value === undefined) throw invalidField(`${at}/value`, 'is required with op "put"');
  return { value: toStored(value, encoding), ...askedAbout(asked), ...(ttl !== undefined && { ttl }) };
}

function incrementOf(asked: TransactOperation, item: { key: string; at: string }): Planned {
  const { by = 1, initial = 0, pointer, ttl } = asked;
  if (typeof initial !== 'number')
    throw invalidField(`${item.at}/initial`, 'must be an integer with op "increment"');
  const { operation, result } = countChange(item, {
    by,
    initial,
    ...(pointer !== undefined && { pointer }),
    ...(ttl !== undefined && { ttl }),
  });
  return { operation, answer: () => ({ value: result().value }) };
}

function patchOf(asked: TransactOperation, item: { key: string; at: string }): Change<unknown> {
  const { merge, patch, initial } = withExactNumbers(asked);
  if (typeof initial === 'number')
    throw invalidField(`${item.at}/initial`, 'must be an object or array with op "patch"');
  return patchChange(item, {
    ...(merge !== undefined && { merge }),
    ...(patch !== undefined && { patch: patch as PatchOperation[] }),
    ...(initial !== undefined && { initial }),
  });
}

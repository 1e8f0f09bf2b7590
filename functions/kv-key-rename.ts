import { invalidField } from '../contract/errors.ts';
import type { KvKeyRenameInput, KvKeyRenameOutput } from '../contract/types.gen.ts';
import { copyChange } from '../runtime/core/copy-item.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { pointing } from '../runtime/core/pointing.ts';
import type { KvOperation } from '../runtime/core/ports/transactions.ts';

const POINTERS = {
  '/checks/0/key': '/to',
  '/operations/0/key': '/to',
  '/operations/0/from': '/key',
  '/operations/0/value': '/key',
  '/operations/1': '',
};

export default defineFunction<KvKeyRenameInput, KvKeyRenameOutput>({
  async run({ bucket, key, to, overwrite = false, expected_revision }, ctx) {
    if (to === key) throw invalidField('/to', 'must be another key');
    const remove: KvOperation = {
      op: 'delete',
      key,
      ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
    };
    const transaction = {
      bucket,
      ...(!overwrite && { checks: [{ key: to, revision: 0 }] }),
      operations: [copyChange({ bucket, from: key, to }), remove],
    };
    const { results } = await pointing(POINTERS, () => ctx.kv.transact(ctx, transaction));
    const { revision = 0, expiresAt } = results[0] ?? {};
    return { bucket, key: to, from: key, revision, ...(expiresAt && { expires_at: expiresAt }) };
  },
});

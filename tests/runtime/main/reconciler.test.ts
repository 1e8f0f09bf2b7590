/** When a kvflow looks for what identify left unfinished. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import type { Recognition } from '../../../runtime/core/recognition-port.ts';
import type { LazyRecognition } from '../../../runtime/main/recognition.ts';
import { startReconciler } from '../../../runtime/main/reconciler.ts';
import type { Nats } from '../../../runtime/nats/open.ts';
import { eventually } from '../../support/eventually.ts';

test('reconciler - what is left by the first use of identify, here or elsewhere, is looked for as soon as what later ones leave', async () => {
  let asked = 0;
  let looks = 0;
  let isUsed = false;
  const bucketInfo = async () => {
    asked += 1;
    if (!isUsed) throw new PackError('BUCKET_NOT_FOUND', 'There is no bucket "recognition_pending".');
  };
  const reconcile = async () => {
    looks += 1;
    return { finished: 0, left: 0 };
  };
  const recognition: LazyRecognition = {
    start: async () => ({ reconcile }) as unknown as Recognition,
    started: () => undefined,
    nats: async () => ({ kv: { bucketInfo } }) as unknown as Nats,
    close: async () => undefined,
  };
  const reconciler = startReconciler({ enabled: true, reconcileAfterSec: 0.02 }, recognition);
  try {
    await eventually(() => expect(asked).toBeGreaterThan(1), { within: 5_000 });
    expect(looks).toBe(0);
    isUsed = true;
    await eventually(() => expect(looks).toBeGreaterThan(1), { within: 5_000 });
  } finally {
    await reconciler.stop();
  }
});

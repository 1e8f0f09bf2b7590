import { expect, test } from '@jest/globals';
import type { Call } from '../../../runtime/core/call.ts';
import { sharedLook } from '../../../runtime/core/shared-look.ts';

const call: Call = { deadline: Date.now() + 60_000 };

test('shared look - who asks while one is under way is answered by a later one, all together', async () => {
  const looks: PromiseWithResolvers<string>[] = [];
  const look = sharedLook(() => {
    const one = Promise.withResolvers<string>();
    looks.push(one);
    return one.promise;
  });
  const first = look(call);
  await Promise.resolve();
  const later = [look(call), look(call)];
  expect(looks).toHaveLength(1);
  looks[0]?.resolve('before');
  expect(await first).toBe('before');
  await new Promise(setImmediate);
  expect(looks).toHaveLength(2);
  looks[1]?.resolve('after');
  expect(await Promise.all(later)).toEqual(['after', 'after']);
});

test('shared look - the deadline of one call is no other call’s', async () => {
  const impatient: Call = { deadline: 0 };
  const looked: Call[] = [];
  const look = sharedLook(async (asked: Call) => {
    looked.push(asked);
    if (asked === impatient) throw new Error('too late');
    return 'seen';
  });
  const outcomes = await Promise.allSettled([look(impatient), look(call)]);
  expect(outcomes).toMatchObject([{ status: 'rejected' }, { value: 'seen' }]);
  expect(looked).toEqual([impatient, call]);
  expect(await look(call)).toBe('seen');
  expect(looked).toHaveLength(3);
});

test('shared look - one that fails while others wait for the next fails nobody else', async () => {
  const looks: PromiseWithResolvers<string>[] = [];
  const look = sharedLook(() => {
    const one = Promise.withResolvers<string>();
    looks.push(one);
    return one.promise;
  });
  const first = look(call);
  first.catch(() => undefined);
  await Promise.resolve();
  const behind = [look(call), look(call)];
  looks[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await new Promise(setImmediate);
  // The answer of the look that began before they asked would have been an old one.
  expect(looks).toHaveLength(2);
  looks[1]?.resolve('new');
  expect(await Promise.all(behind)).toEqual(['new', 'new']);
});

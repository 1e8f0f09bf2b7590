import { expect, test } from '@jest/globals';
import type { Call } from '../../../runtime/core/call.ts';
import { sharedLook } from '../../../runtime/core/shared-look.ts';

const call: Call = { deadline: Date.now() + 60_000 };

/** A look that all share; `looks` are those that were begun, to be answered by hand. */
function answeredByHand() {
  const looks: PromiseWithResolvers<string>[] = [];
  const look = sharedLook(() => {
    const one = Promise.withResolvers<string>();
    looks.push(one);
    return one.promise;
  });
  return { looks, look };
}

test('shared look - who asks while one is under way is answered by a later one, all together', async () => {
  const { looks, look } = answeredByHand();
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
  const looks: { asked: Call; end: PromiseWithResolvers<string> }[] = [];
  const look = sharedLook(asked => {
    const end = Promise.withResolvers<string>();
    looks.push({ asked, end });
    return end.promise;
  });
  const impatient = look({ deadline: Date.now() });
  const patient = look(call);
  await expect(impatient).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  // Neither the one's nor the other's.
  const { deadline } = looks[0]?.asked ?? { deadline: 0 };
  expect(deadline).toBeGreaterThan(Date.now());
  expect(deadline).toBeLessThan(call.deadline);
  looks[0]?.end.resolve('seen');
  expect(await patient).toBe('seen');
  expect(looks).toHaveLength(1);
});

test('shared look - one that fails while others wait for the next fails nobody else', async () => {
  const { looks, look } = answeredByHand();
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

import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import { createFitting } from '../../../runtime/recognition/state.ts';

test('fitting - however many values are too large, the bucket is looked at once, and nothing is written twice after that', async () => {
  let mended = 0;
  let writes = 0;
  const fitting = createFitting(async () => {
    mended += 1;
  });
  const write = async () => {
    writes += 1;
    throw new PackError('VALUE_TOO_LARGE', 'Too large.');
  };
  const tooLarge = { code: 'VALUE_TOO_LARGE' };
  await Promise.all([1, 2, 3].map(() => expect(fitting(write)).rejects.toMatchObject(tooLarge)));
  expect([mended, writes]).toEqual([1, 6]);
  await expect(fitting(write)).rejects.toMatchObject(tooLarge);
  expect([mended, writes]).toEqual([1, 7]);
});

test('fitting - what fits once the bucket is mended is written, and another failure is told as it is', async () => {
  let room = 0;
  const fitting = createFitting(async () => {
    room = 1;
  });
  const write = async (): Promise<string> => {
    if (room === 0) throw new PackError('VALUE_TOO_LARGE', 'Too large.');
    return 'written';
  };
  await expect(fitting(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect([room, await fitting(write)]).toEqual([0, 'written']);
});

/** Run by late-error.test.ts: an error that comes when its tests have passed. */
import { test } from '@jest/globals';

test('passes', () => {
  setTimeout(() => {
    throw new Error('late');
  }, 500);
});

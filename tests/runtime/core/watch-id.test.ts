import { expect, test } from '@jest/globals';
import { readWatchId, writeWatchId } from '../../../runtime/core/watch-id.ts';

const ENDED = Date.parse('2031-01-31T12:00:00.123Z');

test('watch ids - each form is read as it was written', () => {
  for (const bucketId of ['mdw2k8a0', 'mdw2k8a0abc123', 'mdw2k8a0000000']) {
    for (const after of [0, 42, 9_007_199_254_740_991]) {
      expect(readWatchId(writeWatchId({ after, bucketId }))).toEqual({ after, bucketId });
      expect(readWatchId(writeWatchId({ after, bucketId, ended: ENDED }))).toEqual({
        after,
        bucketId,
        ended: ENDED,
      });
      for (let endedRevision = 1; endedRevision < 2 ** 53; endedRevision = endedRevision * 35 + 7) {
        const place = { after, bucketId, ended: ENDED, endedRevision };
        expect(readWatchId(writeWatchId(place))).toEqual(place);
      }
    }
  }
});

test('watch ids - those of before are read, and what is none is none', () => {
  expect(readWatchId('42')).toEqual({ after: 42 });
  expect(readWatchId('42-abc')).toEqual({ after: 42, bucketId: 'abc' });
  for (const text of ['', 'x', '42-', '-mdw2k8a0', '42-MDW2K8A0', '4 2'])
    expect(readWatchId(text)).toBeUndefined();
});

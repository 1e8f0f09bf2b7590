import { expect, test } from '@jest/globals';
import { missingLayers, refusalWithout } from '../../../runtime/sandbox/host/layers.ts';

test('sandbox - which tools that lock workers are missing is told, with what is open without them', () => {
  const all = {
    platform: 'linux',
    prlimit: '/bin/prlimit',
    setpriv: '/bin/setpriv',
    taskset: undefined,
    dropUid: false,
  } as const;
  expect(missingLayers(all)).toEqual([]);
  expect(missingLayers({ ...all, setpriv: undefined })).toEqual([expect.stringMatching(/^setpriv \(/)]);
  expect(missingLayers({ ...all, platform: 'darwin', prlimit: undefined })).toEqual([
    'prlimit, which darwin does not have',
  ]);
});

test('sandbox - where all layers are required and one is missing no script runs, and the way out is said', () => {
  expect(refusalWithout([])).toBeUndefined();
  expect(refusalWithout(['setpriv'])).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/TRANSFORM_REQUIRE_LAYERS.*setpriv.*util-linux/),
  });
});

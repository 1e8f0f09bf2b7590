/** What the tree of keys asks for, and where it goes on. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { createTreeLevels } from '../../dashboard/src/pages/bucket-keys/tree-levels.ts';

afterEach(() => void jest.restoreAllMocks());

test('tree levels - after a look that failed at once, the next one begins anew', async () => {
  const asked: object[] = [];
  const child = (name: string) => ({ name, key: name, keys: 0 });
  const pages = [
    { children: [child('a')], scanned: 1, next_seq: 1, has_more: true, cursor: 'c' },
    { children: [child('b')], scanned: 1, next_seq: 2, has_more: false },
  ];
  let isFailing = false;
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (_, init) => {
    if (isFailing) return Response.json({ error: { code: 'INTERNAL', message: 'failed' } }, { status: 500 });
    const {
      bucket: _b,
      filter: _f,
      delimiter: _d,
      prefix: _p,
      limit: _l,
      ...place
    } = JSON.parse(String(init?.body));
    asked.push(place);
    return Response.json({ status_code: 200, data: place.cursor === undefined ? pages[0] : pages[1] });
  });
  const levels = createTreeLevels({ bucket: 'b', filter: '>', delimiter: '.' });
  const rested = async () => {
    while (levels.state.get().get('')?.loading) await new Promise(resolve => setImmediate(resolve));
    return levels.state.get().get('');
  };
  levels.open('');
  expect(await rested()).toMatchObject({ children: [{ name: 'a' }, { name: 'b' }], done: true });
  isFailing = true;
  levels.refresh();
  expect(await rested()).toMatchObject({ children: [], done: false, error: expect.anything() });
  isFailing = false;
  levels.more('');
  expect(await rested()).toMatchObject({ children: [{ name: 'a' }, { name: 'b' }], done: true });
  expect(asked).toEqual([{ start_seq: 0 }, { cursor: 'c' }, { start_seq: 0 }, { cursor: 'c' }]);
});

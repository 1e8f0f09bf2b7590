import { expect, test } from '@jest/globals';
import type { ScriptFetchRequest } from '../../../runtime/core/scripts.ts';
import { createKeptAnswers } from '../../../runtime/sandbox/host/kept-answers.ts';

const REQUEST = { url: 'https://api.example.com/' } as ScriptFetchRequest;
const event = {};

/** Answers of one event, and the requests that were made, to be answered by hand. */
function answeredByHand() {
  const kept = createKeptAnswers<object>({ taken: 0 });
  const made: PromiseWithResolvers<string>[] = [];
  const ask = (): Promise<string> => {
    const one = Promise.withResolvers<string>();
    made.push(one);
    return one.promise;
  };
  return { made, again: () => kept.again(event), of: () => kept.of(event, REQUEST, ask) };
}

test('kept answers - a run that is made again asks anew for what failed after it had begun', async () => {
  const { made, again, of } = answeredByHand();
  const first = of();
  again();
  const second = of();
  made[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await new Promise(setImmediate);
  expect(made).toHaveLength(2);
  made[1]?.resolve('there');
  expect(await second).toBe('there');
});

test('kept answers - a failure that the run under way has not come to takes none of its answers', async () => {
  const { made, again, of } = answeredByHand();
  const [one, two] = [of(), of()];
  made[0]?.resolve('one');
  await one;
  again();
  expect(await of()).toBe('one');
  made[1]?.reject(new Error('away'));
  await expect(two).rejects.toThrow('away');
  // The second request of the run is not given the answer to its first.
  const next = of();
  expect(made).toHaveLength(3);
  made[2]?.resolve('two');
  expect(await next).toBe('two');
});

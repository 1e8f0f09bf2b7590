import { afterEach, expect, jest, test } from '@jest/globals';
import { createRequests } from '../../../runtime/nats/requests.ts';

afterEach(() => {
  jest.useRealTimers();
});

test('requests - those that wait for NATS end when the connection is closed, and later ones at once', async () => {
  // Time stands still: what ends, ends by the close.
  jest.useFakeTimers();
  const requests = createRequests(new Promise(() => undefined));
  const call = { deadline: Date.now() + 60_000 };
  const waiting = requests.ask(call, 'subject', '');
  const settled = expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  requests.close();
  await settled;
  await expect(requests.ask(call, 'subject', '')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(jest.getTimerCount()).toBe(0);
});

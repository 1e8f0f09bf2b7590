/** Requests that wait for their answers are looked at when something of them is due, and not before. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import type { Asked, PendingRequests } from '../../../runtime/nats/pending-requests.ts';
import { createPendingRequests } from '../../../runtime/nats/pending-requests.ts';

const [SOON_MS, AGAIN_MS] = [400, 900];
const OTHERS_MS = 2_000;
const ANSWER = { data: Buffer.from('x') } as unknown as Msg;

let pending: PendingRequests;
/** Tokens under which was sent, and when something was sent again, was told or was made of nobody, in milliseconds. */
let sent: string[];
let again: number[];
let told: [at: number, subjects: string[]][];
/** When what was sent later was answered, and what was sent before it was not. */
let overtaken: number[];
let began: number;
const at = () => Date.now() - began;

beforeEach(() => {
  jest.useFakeTimers();
  began = Date.now();
  [sent, again, told, overtaken] = [[], [], [], []];
  pending = createPendingRequests(
    { soonMs: () => SOON_MS, againMs: AGAIN_MS },
    {
      publish: token => void sent.push(token),
      again: () => void again.push(at()),
      onSilence: subjects => void told.push([at(), [...subjects]]),
      onNobody: () => undefined,
      onOvertaken: () => void overtaken.push(at()),
    },
  );
});
afterEach(() => void jest.useRealTimers());

test('however many wait there is one timer, and nothing is done before something is due', async () => {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  for (let count = 0; count < 1_000; count++) void send({ again: () => undefined }).catch(() => undefined);
  expect([jest.getTimerCount(), timers.mock.calls.length]).toEqual([1, 1]);
  await jest.advanceTimersByTimeAsync(SOON_MS - 1);
  expect([again.length, timers.mock.calls.length]).toEqual([0, 1]);
  await jest.advanceTimersByTimeAsync(1);
  expect([again.length, timers.mock.calls.length]).toEqual([1_000, 2]);
  timers.mockRestore();
});

test('once all are answered nothing is looked at any more', async () => {
  const answered = send({});
  pending.dispatch(sent[0] ?? '', ANSWER);
  await answered;
  await jest.advanceTimersByTimeAsync(AGAIN_MS);
  expect(jest.getTimerCount()).toBe(0);
});

test('each ends at its own deadline, also one that comes to wait behind others', async () => {
  const ended: [string, number][] = [];
  for (const [name, ms] of [
    ['long', 5_000],
    ['short', 70],
    ['shortest', 30],
  ] as const)
    send({ call: { deadline: Date.now() + ms } }).catch(() => ended.push([name, at()]));
  await jest.advanceTimersByTimeAsync(6_000);
  expect(ended).toEqual([
    ['shortest', 30],
    ['short', 70],
    ['long', 5_000],
  ]);
});

test('a deadline that an answer moves is kept, sooner or later than it was', async () => {
  const call = { deadline: Date.now() + 10_000 };
  let endedAt = 0;
  const onMessage = () => {
    call.deadline = Date.now() + 50;
    return false;
  };
  send({ call, onMessage }).catch(() => (endedAt = at()));
  await jest.advanceTimersByTimeAsync(100);
  pending.dispatch(sent[0] ?? '', ANSWER);
  await jest.advanceTimersByTimeAsync(40);
  pending.dispatch(sent[0] ?? '', ANSWER);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(endedAt).toBe(190);
});

test('the last that was heard of what was sent again is taken once the others stay away', async () => {
  let takenAt = 0;
  void send({ again: () => undefined, onMessage: () => false }).then(() => (takenAt = at()));
  await jest.advanceTimersByTimeAsync(SOON_MS + 10);
  pending.dispatch(sent[0] ?? '', ANSWER);
  await jest.advanceTimersByTimeAsync(5_000);
  expect([takenAt, again]).toEqual([SOON_MS + 10 + OTHERS_MS, [SOON_MS]]);
});

test('while the others of what was heard are waited for nothing is looked at, also where its reason could be asked for', async () => {
  const why = jest.fn(async () => undefined);
  void send({ again: () => undefined, why, onMessage: () => false });
  await jest.advanceTimersByTimeAsync(SOON_MS + 10);
  pending.dispatch(sent[0] ?? '', ANSWER);
  const timers = jest.spyOn(globalThis, 'setTimeout');
  await jest.advanceTimersByTimeAsync(OTHERS_MS);
  expect(why).not.toHaveBeenCalled();
  expect(timers.mock.calls.length).toBeLessThan(6);
  timers.mockRestore();
});

test('what is silent is told once in that time, though its own time is no longer, and its reason is asked for', async () => {
  const askedWhyAt: number[] = [];
  const why = async () => void askedWhyAt.push(at());
  send({ subject: 'short', call: { deadline: Date.now() + AGAIN_MS - 1 } }).catch(() => undefined);
  await jest.advanceTimersByTimeAsync(100);
  void send({ subject: 'long', why }).catch(() => undefined);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual([
    [AGAIN_MS - 1, ['short']],
    [2 * AGAIN_MS - 1, ['long']],
  ]);
  expect(askedWhyAt).toEqual([AGAIN_MS + 100]);
});

test('what is answered to the second sending alone says that the first met silence; what comes late does not', async () => {
  const lost = send({ again: () => undefined });
  const slow = send({ again: () => undefined });
  await jest.advanceTimersByTimeAsync(SOON_MS);
  pending.dispatch(sent[1] ?? '', ANSWER);
  await slow;
  expect(overtaken).toEqual([]);
  pending.dispatch(`${sent[0]}_2`, ANSWER);
  await lost;
  expect(overtaken).toEqual([SOON_MS]);
});

test('what is gathered is sent again too, later', async () => {
  void send({ again: () => undefined, gathered: true }).catch(() => undefined);
  await jest.advanceTimersByTimeAsync(2 * AGAIN_MS);
  expect(again).toEqual([AGAIN_MS, 2 * AGAIN_MS]);
});

test('what nobody waits for any more is let go with the next look, and is not told', async () => {
  const call = { deadline: Date.now() + 10_000 };
  const ended = jest.fn();
  send({ subject: 'let go', call, again: () => undefined }).catch(ended);
  call.deadline = 0;
  await jest.advanceTimersByTimeAsync(AGAIN_MS);
  expect([ended.mock.calls.length, again, told, jest.getTimerCount()]).toEqual([1, [], [], 0]);
});

test('a clock that is set back holds nothing up', async () => {
  let endedAt = 0;
  send({ call: { deadline: Date.now() + 100 } }).catch(() => undefined);
  const { now } = Date;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
  const early = { deadline: Date.now() + 1_000 };
  await jest.advanceTimersByTimeAsync(150);
  send({ call: early }).catch(() => (endedAt = now() - began));
  await jest.advanceTimersByTimeAsync(1_500);
  clock.mockRestore();
  expect(endedAt).toBe(1_000);
});

function send({ subject = 'a', ...asked }: Partial<Asked> & { subject?: string }): Promise<Msg> {
  return pending.send({
    messages: [{ subject, payload: '' }],
    call: { deadline: Date.now() + 20_000 },
    onMessage: () => true,
    again: undefined,
    ...asked,
  });
}

import { expect, test } from '@jest/globals';
import { createNumbered } from '../../../runtime/nats/numbered.ts';

test('numbered - each value has a number of its own, which is not given again', () => {
  const values = createNumbered<{ name: string }>();
  const stays = values.add({ name: 'stays' });
  const seen = new Set([stays]);
  for (let turn = 0; turn < 5_000; turn++) {
    const number = values.add({ name: `${turn}` });
    seen.add(number);
    expect(values.get(number)?.name).toBe(`${turn}`);
    values.delete(number);
    expect(values.get(number)).toBeUndefined();
  }
  expect(seen.size).toBe(5_001);
  expect(values.get(stays)?.name).toBe('stays');
  expect(values.size()).toBe(1);
  for (const none of [stays + 1_024, -1, 0.5, Number.NaN]) expect(values.get(none)).toBeUndefined();
});

test('numbered - there is room for as many as there are, and what is deleted twice counts once', () => {
  const values = createNumbered<{ at: number }>();
  const numbers = Array.from({ length: 5_000 }, (_, at) => values.add({ at }));
  expect(numbers.map(number => values.get(number)?.at)).toEqual(numbers.map((_, at) => at));
  const visited: number[] = [];
  values.forEach(({ at }, number) => {
    visited.push(at);
    values.delete(number);
    values.delete(number);
  });
  expect(visited.toSorted((a, b) => a - b)).toEqual(numbers.map((_, at) => at));
  expect(values.size()).toBe(0);
  expect(values.get(values.add({ at: 1 }))).toEqual({ at: 1 });
});

test('numbered - whatever came and went, those that are there are visited, each once', () => {
  const values = createNumbered<{ at: number }>();
  const there = new Set([values.add({ at: -1 })]);
  for (let at = 0; at < 3_000; at++) {
    there.add(values.add({ at }));
    // One of them stays, others go soon.
    for (const number of [...there].slice(1, -(at % 5) - 1)) {
      there.delete(number);
      values.delete(number);
    }
    const visited: number[] = [];
    values.forEach((_value, number) => void visited.push(number));
    expect(visited.toSorted((a, b) => a - b)).toEqual([...there]);
  }
});

/** Values by numbers that are given out one after the other, each once. */
export interface Numbered<T> {
  /** Keeps a value and answers its number. */
  add(value: T): number;
  /** Undefined where there is none of that number, or no more. */
  get(number: number): T | undefined;
  delete(number: number): void;
  forEach(visit: (value: T, number: number) => void): void;
  size(): number;
}

/** So many slots are kept when they are empty. */
const FEW = 1_024;

/**
 * A table of slots, at most half of them taken. A Map would do the same, but makes itself a new table again and again, and the one
 * before, as long as V8 has not cleared its older generation, keeps alive what was in it: of many requests all that waits for them.
 */
export function createNumbered<T extends object>(): Numbered<T> {
  let slots = emptySlots<T>(FEW);
  let next = 0;
  /** The slot of the first that was visited last: before it there was nothing. */
  let start = 0;
  let size = 0;
  return { add, get, delete: remove, forEach, size: () => size };

  function add(value: T): number {
    if (size * 2 >= slots.values.length) grow();
    while (slots.values[at(next)]) next += 1;
    const number = next++;
    put(number, value);
    size += 1;
    return number;
  }

  function get(number: number): T | undefined {
    const slot = at(number);
    return slots.numbers[slot] === number ? slots.values[slot] : undefined;
  }

  function remove(number: number): void {
    if (!get(number)) return;
    slots.values[at(number)] = undefined;
    size -= 1;
    if (size === 0 && slots.values.length > FEW) slots = emptySlots(FEW);
  }

  function forEach(visit: (value: T, number: number) => void): void {
    const { values, numbers } = slots;
    // Not over entries, and no further than to the last: it is done many times a second, and few of the slots are taken.
    for (let left = size, step = 0; left > 0 && step < values.length; step++) {
      const slot = (start + step) % values.length;
      const value = values[slot];
      if (!value) continue;
      if (left === size) [start, step] = [slot, 0];
      left -= 1;
      visit(value, numbers[slot] ?? 0);
    }
  }

  function put(number: number, value: T): void {
    const slot = at(number);
    slots.numbers[slot] = number;
    slots.values[slot] = value;
  }

  /** Numbers that had slots of their own have them among twice as many, too. */
  function grow(): void {
    const { values, numbers } = slots;
    slots = emptySlots(values.length * 2);
    for (const [slot, value] of values.entries()) if (value) put(numbers[slot] ?? 0, value);
  }

  function at(number: number): number {
    return number % slots.values.length;
  }
}

interface Slots<T> {
  values: (T | undefined)[];
  numbers: number[];
}

function emptySlots<T>(count: number): Slots<T> {
  return {
    values: new Array<T | undefined>(count).fill(undefined),
    numbers: new Array<number>(count).fill(-1),
  };
}

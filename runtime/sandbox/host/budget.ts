import { getHeapStatistics } from 'node:v8';
import type { ScriptFault } from '../types.ts';

/** What the results of calls may take up in this process until they are answered. */
export interface Budget {
  /** The share of one call. */
  open(): CallBudget;
}

/** One call's share. */
export interface CallBudget {
  /** Takes what a result needs, before it is made; the fault that ends the call where there is too much of it. */
  spend(bytes: number): ScriptFault | undefined;
  /** The call is answered. */
  close(): void;
}

const MIB = 1 << 20;
const MAX_PER_CALL = 64 * MIB;
const MAX_IN_ALL = 1024 * MIB;
/** What V8 takes for an object or a list beside its text: one that is empty takes some 50 bytes. */
const PER_BRACKET = 64;
/** Of a short text it is not worth to count its brackets. */
const SMALL = 256;
const PER_CHARACTER = 8;

/** A quarter of the heap for the results of all calls, a quarter of that for one, and at most 64 MiB. */
export function createBudget(heapLimit = getHeapStatistics().heap_size_limit): Budget {
  const most = Math.min(MAX_IN_ALL, heapLimit / 4);
  const perCall = Math.min(MAX_PER_CALL, most / 4);
  let held = 0;
  return {
    open() {
      let own = 0;
      return {
        spend(bytes) {
          if (own + bytes > perCall) return tooLarge(perCall);
          if (held + bytes > most) return busy();
          own += bytes;
          held += bytes;
          return undefined;
        },
        close() {
          held -= own;
          own = 0;
        },
      };
    },
  };
}

/** About the bytes that a value takes once its JSON is parsed. */
export function parsedSize(json: string): number {
  if (json.length < SMALL) return PER_CHARACTER * json.length;
  let brackets = 0;
  for (const bracket of ['{', '['])
    for (let at = json.indexOf(bracket); at >= 0; at = json.indexOf(bracket, at + 1)) brackets++;
  return 2 * json.length + PER_BRACKET * brackets;
}

function tooLarge(bytes: number): ScriptFault {
  const message = `The results of this call are larger than the ${Math.floor(bytes / MIB)} MiB that one call may hold in memory. Send fewer events in one call, or return less.`;
  return { code: 'PAYLOAD_TOO_LARGE', message, limit: 'call_result_bytes' };
}

function busy(): ScriptFault {
  const message = 'Other calls hold all the memory there is for results. Try again a little later.';
  return { code: 'RATE_LIMITED', message, limit: 'result_bytes_in_all' };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { startScheduler } from '../../runtime/main/scheduler.ts';
import { startKvflow } from '../support/kvflow.ts';

const FOLDER = join(import.meta.dirname, '../../docs/recipes');
const pages = readdirSync(FOLDER).filter(name => name.endsWith('.md') && name !== 'README.md');

describe('recipes', () => {
  test.each(pages)('%s runs as it is written', async page => {
    const steps = stepsOf(readFileSync(join(FOLDER, page), 'utf8'));
    expect(steps.filter(step => 'name' in step).length).toBeGreaterThan(2);
    // Where a lease of the page may have ended before it was looked at, all its times are twice as long the next time.
    for (let times = 1; ; times *= 2) {
      const { wrong, busyMs } = await play(steps, times);
      if (wrong && busyMs >= LEASE_MS * times) continue;
      expect(wrong).toBeUndefined();
      return;
    }
  });

  test('the list of them names every page', () => {
    const list = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    expect([...list.matchAll(/\]\(([a-z-]+\.md)\)/g)].map(match => match[1]).sort()).toEqual(
      [...pages].sort(),
    );
  });

  test('no page shows JSON that is not run', () => {
    for (const page of pages) {
      const text = readFileSync(join(FOLDER, page), 'utf8');
      const shown = text.match(/^```\S+.*$/gm) ?? [];
      expect(shown.filter(fence => !/^```json (kvflow:[a-z-]+|answer)$/.test(fence))).toEqual([]);
    }
  });
});

/** Of the leases on the pages that are waited for. */
const LEASE_MS = 200;

/** The first step whose answer differs from the page, and the longest time that the steps between two pauses took. */
async function play(steps: readonly Step[], times: number) {
  await using k = await startKvflow();
  // As every kvflow that serves, it puts what is due.
  const scheduler = startScheduler(k.nats, { warn: line => expect(line).toBe('') });
  await using _scheduler = { [Symbol.asyncDispose]: () => scheduler.stop() };
  let busyMs = 0;
  let began = performance.now();
  for (const step of steps) {
    if ('wait' in step) {
      await sleep(step.wait * times);
      began = performance.now();
      continue;
    }
    const input = longer(step.input, times);
    const answer = await k.invoke(step.name, input);
    busyMs = Math.max(busyMs, performance.now() - began);
    const differences = resembles(answer, step.answer);
    if (differences.length > 0) return { wrong: { step: step.name, input, answer, differences }, busyMs };
  }
  return { wrong: undefined, busyMs };
}

/** An input with leases and ttls so many times as long. */
function longer(input: unknown, times: number): unknown {
  return JSON.parse(JSON.stringify(input), (_name, part) => (part === LEASE_MS * 1e6 ? part * times : part));
}

type Step = { wait: number } | { name: string; input: unknown; answer: unknown };

/** Calls with the answers that follow them, and the pauses between, in the page's order. */
function stepsOf(text: string): Step[] {
  const parts = text.matchAll(
    /<!-- wait (?<wait>\d+) ms -->|```json kvflow:(?<name>[a-z-]+)\n(?<input>[\s\S]+?)```\s+```json answer\n(?<answer>[\s\S]+?)```/g,
  );
  return [...parts].map(({ groups = {} }) => {
    const { wait, name = '', input = '', answer = '' } = groups;
    return wait ? { wait: Number(wait) } : { name, input: JSON.parse(input), answer: JSON.parse(answer) };
  });
}

/** Where an answer differs from what the page shows, which may leave things out. */
function resembles(actual: unknown, shown: unknown, path = ''): string[] {
  if (shown === '*') return actual === undefined ? [`${path}: nothing`] : [];
  if (isTime(shown)) return isTime(actual) ? [] : [`${path}: no time`];
  if (Array.isArray(shown) && (!Array.isArray(actual) || actual.length !== shown.length)) {
    return [`${path}: ${JSON.stringify(actual)}`];
  }
  if (typeof shown !== 'object' || shown === null)
    return Object.is(actual, shown) ? [] : [`${path}: ${actual}`];
  const found = (actual ?? {}) as Record<string, unknown>;
  return Object.entries(shown).flatMap(([name, value]) => resembles(found[name], value, `${path}/${name}`));
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
}

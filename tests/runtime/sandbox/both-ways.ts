import { expect } from '@jest/globals';
import type { JsonLines } from '../../../runtime/core/json-lines.ts';
import type { Sandbox } from '../../../runtime/sandbox/sandbox.ts';
import type { RunRequest, RunResult } from '../../../runtime/sandbox/types.ts';

/** Each text a line, an empty one too. */
export function toLines(texts: string[]): JsonLines {
  const starts = texts.map((_, index) =>
    texts.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0),
  );
  return {
    text: texts.join('\n'),
    starts,
    ends: starts.map((start, index) => start + (texts[index] ?? '').length),
  };
}

/** Runs many lines in one call, which has to answer what they become event by event; answers what became of each. */
export function runsBothWays(sandbox: Sandbox) {
  return async (script: string, texts: string[], more: Partial<RunRequest> = {}) => {
    const request = { script, lines: toLines(texts), namespace: 'texts', timeoutMs: 10_000, ...more };
    const [joined, single] = [await sandbox.run({ ...request, joined: true }), await sandbox.run(request)];
    expect(told(joined)).toEqual(told(single));
    return joined.results;
  };
}

function told({ results, logs, warnings }: RunResult) {
  return {
    text: results
      .map(({ joined = '', texts = [] }) => joined + texts.map(text => `${text}\n`).join(''))
      .join(''),
    each: results.map(({ outcome, error, count, texts = [] }) => ({
      outcome,
      error,
      count: count ?? texts.length,
    })),
    logs,
    warnings,
  };
}

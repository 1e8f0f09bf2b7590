import { PackError } from '../../contract/errors.ts';

/** Gathers everything that is wrong, so that it is told at once. */
export interface Problems {
  add(what: string): void;
  /** @throws PackError INVALID_INPUT when there is any; the message lists all of them. */
  throwIfAny(): void;
}

/** An empty list of problems. */
export function createProblems(): Problems {
  const all: string[] = [];
  return {
    add: what => void all.push(what),
    throwIfAny: () => {
      if (all.length === 0) return;
      const list = all.map(problem => `  - ${problem}`).join('\n');
      throw new PackError('INVALID_INPUT', `The configuration has ${count(all)}:\n${list}`, {
        details: { problems: all },
      });
    },
  };
}

function count(all: string[]): string {
  return all.length === 1 ? 'a fault' : `${all.length} faults`;
}

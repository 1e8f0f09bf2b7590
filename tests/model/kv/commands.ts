import fc from 'fast-check';

/** What a caller does next. Keys are numbers; values are made where they are written, each once. */
export type Command =
  | { do: 'put' | 'cas' | 'delete' | 'purge' | 'ttl'; key: number }
  | { do: 'putMany' | 'import'; keys: number[] }
  | { do: 'list' | 'listOnce' | 'export'; limit: number; values: boolean }
  | { do: 'history' | 'exportAll' | 'deleted' | 'find' | 'changes'; limit: number }
  | { do: 'tree' | 'purgeAll' }
  | { do: 'getMany'; keys: number[] }
  | { do: 'watch' };

/** A bucket and what several callers do to it at once. */
export interface Plan {
  history: number;
  storage: 'file' | 'memory';
  callers: Command[][];
}

/** Few, so that callers meet. */
export const KEYS = 24;

const key = fc.integer({ min: 0, max: KEYS - 1 });
const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 12 });
const limit = fc.constantFrom(1, 3, 7, 20, 1000);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('put' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('cas' as const, 'delete', 'purge'), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ttl' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('putMany' as const, 'import'), keys }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('list' as const, 'listOnce', 'export'),
      limit,
      values: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('history' as const, 'exportAll', 'deleted', 'find', 'changes'),
      limit,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'tree' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'purgeAll' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('getMany' as const), keys }) },
  { weight: 2, arbitrary: fc.constant({ do: 'watch' as const }) },
);

/** Plans: buckets of every kind, two to five callers of up to forty commands. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  history: fc.constantFrom(1, 2, 5, 64),
  storage: fc.constantFrom('file' as const, 'memory'),
  callers: fc.array(fc.array(command, { minLength: 10, maxLength: 40, size: 'max' }), {
    minLength: 2,
    maxLength: 5,
    size: 'max',
  }),
});

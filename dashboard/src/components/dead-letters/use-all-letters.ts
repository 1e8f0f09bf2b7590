import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import type { InputOf, OutputOf } from '../../api/invoke.ts';
import { invoke } from '../../api/invoke.ts';
import { refreshFunctions } from '../../api/use-invoke.ts';
import { notify } from '../../lib/notify.ts';
import type { DeadPart } from './letter.ts';

type Work = `${DeadPart}-dead-${'replay' | 'drop'}`;

/** A work on dead letters that goes on until it has looked at all of them. */
export interface AllLetters<Input, Output> {
  mutate(input: Input, then?: { onSuccess(): void }): void;
  isPending: boolean;
  error: ApiError | null;
  /** What the pages before the present one came to; undefined in the first. */
  soFar: Output | undefined;
  /** Ends it with the page that it is at: what that one brings out is not lost. */
  stop(): void;
}

/**
 * A call looks at a page of letters: it is made again behind them until there are no more, or nobody looks at the work any
 * longer. `done` says what all came to.
 */
export function useAllLetters<const Name extends Work>(
  part: DeadPart,
  name: Name,
  done: (sum: OutputOf<Name>) => string,
): AllLetters<InputOf<Name>, OutputOf<Name>> {
  type Page = OutputOf<Name> & { cursor?: string };
  const [soFar, setSoFar] = useState<OutputOf<Name>>();
  const stopped = useRef(false);
  const { mutate, isPending, error } = useMutation<void, ApiError, InputOf<Name>>({
    mutationFn: async input => {
      let sum: OutputOf<Name> | undefined;
      stopped.current = false;
      try {
        for (let from = {}; ; ) {
          const page = (await invoke(name, { ...(input as object), ...from } as InputOf<Name>)) as Page;
          sum = added(sum, page);
          if (page.cursor === undefined || stopped.current) return;
          from = { cursor: page.cursor };
          setSoFar(sum);
        }
      } finally {
        setSoFar(undefined);
        if (sum !== undefined) notify(done(sum));
        void refreshFunctions(`${part}-dead-list`);
      }
    },
  });
  const stop = () => {
    stopped.current = true;
  };
  useEffect(
    () => () => {
      stopped.current = true;
    },
    [],
  );
  return { mutate, isPending, error, soFar, stop };
}

/** The numbers of both together, and all else of the later one. */
function added<T>(sum: T | undefined, page: T): T {
  const before = Object(sum) as Record<string, unknown>;
  const entries = Object.entries(page as object).map(([name, value]) => {
    const last = before[name];
    return [name, typeof value === 'number' && typeof last === 'number' ? last + value : value];
  });
  return Object.fromEntries(entries) as T;
}

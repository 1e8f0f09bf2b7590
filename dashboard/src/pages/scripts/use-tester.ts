import { useEffect, useRef, useState } from 'react';
import type { TransformTestOutput } from '../../../../contract/types.gen.ts';
import { toApiError } from '../../api/api-error.ts';
import { invokeText } from '../../api/invoke.ts';
import { type Case, readCase } from './case.ts';

/** What came of a case. */
export type Tested = TransformTestOutput['tests'][number];

/** How scripts are run here. */
export interface TestSettings {
  namespace: string;
  /** What `$kv before` does not have is read from the store. */
  storedKv: boolean;
}

/** Runs a script over cases, by transform-test: nothing is stored. */
export interface Tester {
  /** By the place of the case. */
  results: ReadonlyMap<number, Tested>;
  /** The script that made them. */
  ran: string | undefined;
  busy: boolean;
  error: unknown;
  run(script: string, cases: ReadonlyMap<number, Case>): void;
  /** Results that came otherwise, such as with a refusal to store. */
  show(script: string, results: ReadonlyMap<number, Tested>): void;
}

/** See {@link Tester}. What is begun last is shown; what was under way before is given up. */
export function useTester({ namespace, storedKv }: TestSettings): Tester {
  const [state, setState] = useState<Omit<Tester, 'run' | 'show'>>(IDLE);
  const work = useRef<AbortController>(undefined);
  useEffect(() => () => work.current?.abort(), []);

  function run(script: string, cases: ReadonlyMap<number, Case>): void {
    const tests = [...cases.values()].flatMap(typed => {
      const read = readCase(typed);
      return 'test' in read ? [read.test] : [];
    });
    if (tests.length < cases.size || tests.length === 0 || script.trim() === '') return;
    work.current?.abort();
    const mine = new AbortController();
    work.current = mine;
    setState(before => ({ ...before, busy: true }));
    const body = JSON.stringify({
      script,
      tests,
      ...(namespace !== '' && { namespace }),
      ...(storedKv && { stored_kv: true }),
    });
    invokeText('transform-test', body, { signal: mine.signal }).then(
      ({ envelope }) => {
        if (mine.signal.aborted) return;
        const { tests: came } = envelope.data as TransformTestOutput;
        const places = [...cases.keys()];
        show(script, new Map(came.map((tested, at) => [places[at] ?? 0, tested])));
      },
      (thrown: unknown) => {
        if (!mine.signal.aborted) setState({ ...IDLE, ran: script, error: toApiError(thrown) });
      },
    );
  }

  function show(script: string, results: ReadonlyMap<number, Tested>): void {
    setState(before => ({
      ...IDLE,
      ran: script,
      results: before.ran === script ? new Map([...before.results, ...results]) : results,
    }));
  }

  return { ...state, run, show };
}

const IDLE = { results: new Map<number, Tested>(), ran: undefined, busy: false, error: undefined };

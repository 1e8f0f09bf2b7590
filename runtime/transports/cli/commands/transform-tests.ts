import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { TransformTestInput, TransformTestOutput } from '../../../../contract/types.gen.ts';
import type { CallFunction } from '../../../core/bulk-call.ts';
import { isFailure } from '../../../core/envelope.ts';
import { readTextFile } from '../bytes-input.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** What `kvflow transform --test` is asked to do. */
export interface ScriptTests {
  /** Paths of the script and of the file of tests, a JSON list. */
  script: string;
  tests: string;
  settings: Pick<TransformTestInput, 'variables' | 'namespace' | 'kv_bucket' | 'timeout_ms'>;
  /** Runs them again whenever one of the files changes, until it is stopped. */
  isWatching: boolean;
}

/** The time in which an editor is done with a file. */
const SETTLE_MS = 50;

/** Runs the tests of a script without storing anything; exit code 1 where one fails. */
export async function runTests(
  call: CallFunction,
  asked: ScriptTests,
  { io, stop }: { io: Io; stop: AbortSignal },
): Promise<number> {
  const changes = asked.isWatching ? changesOf([asked.script, asked.tests], stop) : undefined;
  let code: number = await once(call, asked, io);
  if (changes) io.tell('Waiting for changes; Ctrl-C ends it.');
  for (; changes && (await changes.next()); code = await once(call, asked, io));
  return stop.aborted ? EXIT.interrupted : code;
}

async function once(call: CallFunction, asked: ScriptTests, io: Io): Promise<number> {
  const [script, tests] = await Promise.all([
    readTextFile(asked.script, 'script'),
    readTextFile(asked.tests, 'file'),
  ]);
  const answer = await call('transform-test', {
    ...asked.settings,
    script,
    tests: parseTests(tests, asked.tests),
  });
  if (isFailure(answer)) {
    io.tell(`${answer.error.code}: ${answer.error.message}`);
    return EXIT.failed;
  }
  const { passed, tests: tested } = answer.data as unknown as TransformTestOutput;
  for (const [at, { name = `test ${at + 1}`, passed: ok, differences, logs }] of tested.entries()) {
    io.print(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
    for (const line of differences) io.print(`       ${line.replaceAll('\n', '\n       ')}`);
    for (const { index, level, message } of logs) io.tell(`       event ${index} ${level}: ${message}`);
  }
  const failed = tested.filter(({ passed: ok }) => !ok).length;
  io.print(`${tested.length - failed} passed, ${failed} failed`);
  return passed ? EXIT.ok : EXIT.failed;
}

function parseTests(text: string, file: string): NonNullable<TransformTestInput['tests']> {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value as NonNullable<TransformTestInput['tests']>;
  } catch {
    // Told below.
  }
  throw usageError(
    `${file} must be a JSON list of tests, such as [{"events":[{"n":1}],"expect":[{"n":2}]}].`,
  );
}

/** Tells of changes of files; answers false when it is stopped. The folders are watched: editors replace files. */
function changesOf(files: string[], stop: AbortSignal): { next(): Promise<boolean> } {
  let changed = Promise.withResolvers<void>();
  const names = new Set(files.map(file => basename(file)));
  for (const folder of new Set(files.map(dirname)))
    watch(folder, { signal: stop }, (_event, name) => {
      if (name !== null && names.has(name)) changed.resolve();
    }).on('error', () => undefined);
  stop.addEventListener('abort', () => changed.resolve());
  return {
    async next() {
      await changed.promise;
      if (!stop.aborted) await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
      changed = Promise.withResolvers();
      return !stop.aborted;
    },
  };
}

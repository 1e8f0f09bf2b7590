import { invalidField } from '../../../../contract/errors.ts';
import { SCRIPT_STATE_BUCKET } from '../../../../contract/own-buckets.ts';
import type { TransformTarget } from '../../../core/bulk-transform.ts';
import type { TransformedChunk } from '../../../core/transformed-chunks.ts';
import { readTextFile } from '../bytes-input.ts';
import type { Command, Flags } from '../command.ts';
import { textFlag } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { growHeapFreely } from '../heap.ts';
import type { Io } from '../io.ts';
import { PLACE_SETTINGS } from '../item-commands.ts';
import { createProgress } from '../progress.ts';
import { stopSignal } from '../stop-signal.ts';

/** `kvflow transform` */
export const transformCommand: Command = {
  usage: 'transform <script.js>',
  summary: 'runs a script over events, NDJSON from standard input to standard output',
  help: [
    'Events keep their order. What the script logs, and events that fail, are told on standard error.',
    '',
    '  --variables JSON    globals of the script, such as {"destinationId":"warehouse"}',
    '  --namespace NAME    whose keys $kv reads and writes (destinationId, else default)',
    `  --kv-bucket NAME    bucket of $kv (${SCRIPT_STATE_BUCKET})`,
    '  --on-error WHAT     fail (the default): stop there; stop: and nothing behind the first that fails has an effect;',
    '                      skip: leave the event out; pass: let it through as it is; dead: leave it out and keep it in recognition_dead',
    '  --timeout MS        milliseconds that one event may take (1000)',
    '  --test FILE         runs the tests of FILE, a JSON list as transform-script-put takes it, and stores nothing',
    '  --watch             with --test: runs them again whenever the script or the tests change',
  ].join('\n'),
  options: {
    variables: { type: 'string' },
    namespace: { type: 'string' },
    'kv-bucket': { type: 'string' },
    'on-error': { type: 'string' },
    timeout: { type: 'string' },
    test: { type: 'string' },
    watch: { type: 'boolean' },
  },
  settings: [...PLACE_SETTINGS],
  run: async ({ args, flags, settings, host, io }) => {
    const [file, ...more] = args;
    if (!file || more.length > 0)
      throw usageError(`Usage: kvflow ${transformCommand.usage} < events.ndjson > out.ndjson`);
    const tests = textFlag(flags, 'test');
    if (flags.watch === true && tests === undefined) throw usageError('--watch goes with --test FILE.');
    if (tests !== undefined) {
      await using session = await host.connect(settings, { onProgress: line => io.tell(line) });
      const { on_error: _none, ...said } = options(flags);
      const asked = { script: file, tests, settings: said, isWatching: flags.watch === true };
      const { runTests } = await import('./transform-tests.ts');
      return await runTests(session.invoke, asked, { io, stop: stopSignal(line => io.tell(line)) });
    }
    const target = { script: await readTextFile(file, 'script'), ...options(flags) };
    growHeapFreely();
    const hostIo = { onProgress: (line: string) => io.tell(line) };
    await using session = await host.connectScript(settings, hostIo);
    // While that starts.
    const [{ transformLines }, { scriptLinesOf }, { createChunks, decodeLines, NO_UTF8, rawLinesOf }] =
      await Promise.all([
        import('../../../core/bulk-transform.ts'),
        import('../../../core/run-scripts.ts'),
        import('../lines.ts'),
      ]);
    const lineRun = await session.openLines?.(scriptLinesOf(target));
    const stop = stopSignal(line => io.tell(line));
    const progress = createProgress(io);
    const total = { read: 0, written: 0, failed: 0, lastLine: 0 };
    const warned = new Set<string>();
    try {
      const chunks = createChunks();
      const lines = rawLinesOf(io.stdin, stop, chunks);
      for await (const chunk of transformLines(session.invoke, lines, target, {
        unreadable: { text: NO_UTF8, why: NO_UTF8_WHY },
        decode: decodeLines,
        onDone: chunks.done,
        lineRun,
        isChecked: isBare(target),
      })) {
        await io.write(chunk.text, chunk.release);
        tell(chunk, io);
        for (const warning of chunk.warnings) if (!warned.has(warning)) io.tell(`warning: ${warning}`);
        for (const warning of chunk.warnings) warned.add(warning);
        total.read += chunk.read;
        total.written += chunk.written;
        total.failed += chunk.failed.length;
        total.lastLine = chunk.lastLine;
        // As cat and jq: whoever reads has enough.
        if (io.isClosed?.()) return EXIT.ok;
        if (stop.aborted) break;
        progress.show(`${total.read} events read, ${total.written} written, ${total.failed} failed`);
      }
    } catch (error) {
      progress.done();
      const before = `${total.read} events read, ${total.written} written before it.`;
      io.tell(total.lastLine > 0 ? `${before} ${goOn(total.lastLine)}` : before);
      throw error;
    }
    progress.done();
    io.tell(`${total.read} events read, ${total.written} written, ${total.failed} failed.`);
    if (stop.aborted) io.tell(`Stopped. ${goOn(total.lastLine)}`);
    if (stop.aborted) return EXIT.interrupted;
    return total.failed > 0 ? EXIT.failed : EXIT.ok;
  },
};

const NO_UTF8_WHY = 'The line is not valid UTF-8. Convert the file, such as with iconv -f latin1 -t utf-8.';

/** Nothing behind that line has had any effect. */
function goOn(line: number): string {
  return `What comes behind line ${line} has not been run; to go on there, give it tail -n +${line + 1} of the input.`;
}

/** Whether there is nothing in it but a script, of which the lines themselves tell what is wrong with it. */
function isBare({ script: _, ...others }: TransformTarget): boolean {
  return Object.keys(others).length === 0;
}

function options(flags: Flags): Omit<TransformTarget, 'script'> {
  const [variables, namespace, bucket, onError, timeout] = [
    textFlag(flags, 'variables'),
    textFlag(flags, 'namespace'),
    textFlag(flags, 'kv-bucket'),
    textFlag(flags, 'on-error'),
    textFlag(flags, 'timeout'),
  ];
  return {
    ...(variables && { variables: parseObject(variables) }),
    ...(namespace && { namespace }),
    ...(bucket && { kv_bucket: bucket }),
    // What is no such word is refused by the function's own schema.
    ...(onError && { on_error: onError as 'skip' }),
    ...(timeout && { timeout_ms: Number(timeout) }),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw invalidField(
    '/variables',
    '--variables must be a JSON object, such as {"destinationId":"warehouse"}',
  );
}

function tell({ logs, failed }: TransformedChunk, io: Io): void {
  for (const { line, level, message } of logs) io.tell(`line ${line} ${level}: ${message}`);
  for (const { line, error } of failed) {
    io.tell(`line ${line} ${error.code}: ${error.message}${error.stack ? `\n${error.stack}` : ''}`);
  }
}

import { openSync } from 'node:fs';
import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import { currentTrace } from '../core/trace.ts';
import type { ServerLog } from './options.ts';

/** A log, and how to write out what it still holds before the process ends. */
export interface Log {
  logger: Logger;
  flush(): void;
}

/** What {@link createLog} may be told. */
export interface LogOptions {
  /** trace, debug, info, warn, error, fatal or silent. Default info. */
  level?: string;
  /** File descriptor or path. Default 2: standard output belongs to commands' results. */
  destination?: number | string;
  /** Other processes write there, too: what is written at once is so little that a pipe keeps it together. Default false. */
  shared?: boolean;
}

/** What is logged of an invocation: never inputs, values or keys. */
export interface InvocationEntry {
  function: string;
  status_code: number;
  /** `OK` or the error code. */
  code: string;
  ms: number;
  /** Name of the API key. */
  key: string;
  invocation_id: string;
}

/** Bytes that a pipe takes as one (POSIX: PIPE_BUF, at least 512; 4096 on Linux). */
const TOGETHER = 4096;
const INFO = 30;
const WARN = 40;
const gatherers = new WeakMap<ServerLog, Gatherer>();

interface Gatherer {
  add(line: string): void;
  flush(): void;
}

/**
 * Lines are gathered and written in the background, a tenth of a second later at most: a write per line would cost each
 * call more than its own work. `flush` before exiting; a crash loses that tenth of a second.
 */
export function createLog({ level = 'info', destination = 2, shared = false }: LogOptions = {}): Log {
  // Opened at once: a stream that is still being opened cannot be flushed when the process ends early.
  const fd = typeof destination === 'string' ? openSync(destination, 'a') : destination;
  const stream = pino.destination({
    dest: fd,
    sync: false,
    minLength: shared ? TOGETHER - 1 : TOGETHER,
    periodicFlush: 100,
    ...(shared && { maxWrite: TOGETHER }),
  });
  const logger = pino(
    { level, base: null, timestamp: isoTime, mixin: traceIds },
    stream as DestinationStream,
  );
  const lines = createGatherer(stream, shared ? TOGETHER : Number.POSITIVE_INFINITY);
  gatherers.set(logger, lines);
  return {
    logger,
    flush: () => {
      lines.flush();
      flushSync(stream);
    },
  };
}

/**
 * Writes a line per invocation, as `info`, or `warn` where the server failed. A log of {@link createLog} is written to
 * directly, in pino's form: pino walks an object for each line, which costs a batched call a fifth of its speed.
 */
export function createInvocationLog(log: ServerLog): (entry: InvocationEntry) => void {
  const lines = gatherers.get(log);
  if (!lines) return entry => log[levelOf(entry)](entry, 'invocation');
  const own = log as Logger;
  return entry => {
    const level = levelOf(entry);
    if (own.isLevelEnabled(level)) lines.add(lineOf(entry, level === 'warn' ? WARN : INFO));
  };
}

/** Hands the lines of one turn of the event loop on as one text: the stream measures what it holds with every write. */
function createGatherer(stream: DestinationStream, most: number): Gatherer {
  let text = '';
  const flush = () => {
    if (text !== '') stream.write(text);
    text = '';
  };
  return {
    add(line) {
      if (text.length + line.length > most) flush();
      if (text === '') setImmediate(flush);
      text += line;
    },
    flush,
  };
}

function levelOf(entry: InvocationEntry): 'info' | 'warn' {
  return entry.status_code >= 500 ? 'warn' : 'info';
}

/** Calls of one function mostly end alike: what their lines have in common is put together once. */
interface Repeated {
  code: string;
  key: string;
  head: string;
  tail: string;
}

const repeated = new Map<string, Repeated>();
const MAX_REPEATED = 1_000;

function lineOf(entry: InvocationEntry, level: number): string {
  const last = repeated.get(entry.function);
  const { head, tail } = last?.code === entry.code && last.key === entry.key ? last : repeat(entry);
  return `{"level":${level}${isoTime()}${head}${entry.ms}${tail}${entry.invocation_id}"${traceText()},"msg":"invocation"}\n`;
}

/** The name is quoted with care, for a caller may have made it up; the other texts are our own words. */
function repeat({ function: name, status_code, code, key }: InvocationEntry): Repeated {
  const head = `,"function":${JSON.stringify(name)},"status_code":${status_code},"code":"${code}","ms":`;
  const made = { code, key, head, tail: `,"key":"${key}","invocation_id":"` };
  if (repeated.size >= MAX_REPEATED) repeated.clear();
  repeated.set(name, made);
  return made;
}

function flushSync(stream: { flushSync(): void }): void {
  try {
    stream.flushSync();
  } catch {
    // Standard error is closed: nobody is left to read.
  }
}

let lastMs = 0;
let lastText = '';

/** Pino's own ISO time formats a date for each line; under load many lines share a millisecond. */
function isoTime(): string {
  const now = Date.now();
  if (now !== lastMs) {
    lastMs = now;
    lastText = `,"time":"${new Date(now).toISOString()}"`;
  }
  return lastText;
}

/** The same, as text. */
function traceText(): string {
  const trace = currentTrace();
  if (trace === undefined) return '';
  const [, id, span] = trace.split('-');
  return `,"trace_id":"${id}","span_id":"${span}"`;
}

/** A line that is written within a trace says which. */
function traceIds(): object {
  const [, trace_id, span_id] = currentTrace()?.split('-') ?? [];
  return trace_id === undefined ? {} : { trace_id, span_id };
}

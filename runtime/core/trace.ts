/**
 * Where a call's time goes, told to whoever collects traces (W3C Trace Context, OpenTelemetry). Nothing is done, and nothing
 * costs, until a process is given a tracing.
 */

/** What a span is of. */
export interface SpanAbout {
  /** Short and of few kinds, such as `kv-key-put` or `INSERT`. */
  name: string;
  kind?: 'server' | 'client' | 'consumer';
  /** Names as the semantic conventions of OpenTelemetry have them, where they have one. */
  attributes?: Record<string, string | number | boolean>;
}

/** A span that is ended by hand. */
export interface OpenSpan {
  /** Runs work below it. */
  run<T>(work: () => T): T;
  /** @param failure what went wrong, as a code; undefined: nothing. */
  end(failure?: string): void;
}

/** Makes spans, each below the one that is under way. */
export interface Tracing {
  begin(about: SpanAbout, parent?: string): OpenSpan;
  /** The span under way, as a `traceparent` header; undefined: none. */
  current(): string | undefined;
  /** The function, which runs below the span that is under way now, whenever it is called. */
  bind<Args extends unknown[], Result>(work: (...args: Args) => Result): (...args: Args) => Result;
}

let tracing: Tracing | undefined;

/** Gives the process its tracing, or takes it away. */
export function setTracing(given: Tracing | undefined): void {
  tracing = given;
}

/** Whether somebody collects traces: where a call is made very often, what describes its span is only made then. */
export function isTracing(): boolean {
  return tracing !== undefined;
}

/** Runs work in a span of its own, which is described only where somebody collects it. A throw ends it as failed, with its code. */
export function traced<T>(about: () => SpanAbout, work: () => Promise<T>, parent?: string): Promise<T> {
  return tracing ? inSpan(tracing.begin(about(), parent), work) : work();
}

async function inSpan<T>(span: OpenSpan, work: () => Promise<T>): Promise<T> {
  try {
    const result = await span.run(work);
    span.end();
    return result;
  } catch (error) {
    span.end(codeOf(error));
    throw error;
  }
}

/** Begins a span that goes on over callbacks; undefined where nobody collects them. */
export function beginSpan(about: () => SpanAbout, parent?: string): OpenSpan | undefined {
  return tracing?.begin(about(), parent);
}

/** The span under way as `traceparent`, for what goes on elsewhere or later. */
export function currentTrace(): string | undefined {
  return tracing?.current();
}

/** W3C Trace Context, section 3.2. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:$|-)/;

/** What a caller sent as `traceparent`; undefined where it is none, which is passed over (W3C Trace Context, section 4). */
export function readTraceparent(sent: unknown): string | undefined {
  return typeof sent === 'string' && TRACEPARENT.test(sent) ? sent : undefined;
}

/** The functions of an object, run below the span that is under way now: for what calls them out of another's context. */
export function boundToTrace<T extends object>(object: T): T {
  const { bind } = tracing ?? {};
  if (!bind) return object;
  const bound = Object.entries(object).map(([name, value]) => [
    name,
    typeof value === 'function' ? bind(value as (...args: unknown[]) => unknown) : value,
  ]);
  return Object.fromEntries(bound) as T;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'INTERNAL';
}

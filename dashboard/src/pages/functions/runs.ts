import { toApiError } from '../../api/api-error.ts';
import { invokeText } from '../../api/invoke.ts';
import { createStore } from '../../lib/store.ts';

/** A call that was made in this tab. */
export interface Run {
  id: number;
  function: string;
  input: unknown;
  at: number;
  tookMs: number;
  status: number;
  /** Code of the error, where it failed. */
  code?: string;
  envelope: unknown;
  invocationId: string | undefined;
}

const MAX = 50;
/** What is kept of all inputs and answers together, in characters. */
const ROOM = 10_000_000;

/** Calls of this tab, newest first; gone when it is closed. */
export const runs = createStore<readonly Run[]>([]);

/** Calls a function and remembers what came of it; `text` is the input as it was typed. What fails is an envelope too, so this never throws. */
export async function run(
  name: string,
  input: unknown,
  text = JSON.stringify(input),
): Promise<{ run: Run; error?: unknown }> {
  const started = performance.now();
  const base = { id: Date.now() + Math.random(), function: name, input, at: Date.now() };
  try {
    const { envelope, invocationId, tookMs } = await invokeText(name, text);
    return { run: keep({ ...base, tookMs, status: envelope.status_code, envelope, invocationId }) };
  } catch (error) {
    const { code, message, retryable, details, errors, status, invocationId } = toApiError(error);
    const body = {
      code,
      message,
      retryable,
      ...(Object.keys(details).length > 0 && { details }),
      ...(errors.length > 0 && { errors }),
    };
    const tookMs = performance.now() - started;
    const envelope = { status_code: status, error: body };
    return { run: keep({ ...base, tookMs, status, code, envelope, invocationId }), error };
  }
}

/** Forgets all of them. */
export function forgetRuns(): void {
  runs.set([]);
}

function keep(made: Run): Run {
  let room = ROOM;
  const fitting = [made, ...runs.get()].slice(0, MAX).filter((one, index) => {
    room -= JSON.stringify([one.input, one.envelope]).length;
    return index === 0 || room >= 0;
  });
  runs.set(fitting);
  return made;
}

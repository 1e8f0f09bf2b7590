import { PackError } from '../../../contract/errors.ts';

/** Exit codes of `kvflow`. Published: scripts branch on them. */
export const EXIT = {
  ok: 0,
  /** Anything without a code of its own, failures of the server among it. */
  failed: 1,
  /** The command line, the configuration or the input is wrong. */
  usage: 2,
  notFound: 3,
  conflict: 4,
  /** Ended by Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;

/** The exit code for an error code and its HTTP status. */
export function exitCode(error: { code: string; status: number }): number {
  if (error.code === 'INVALID_INPUT') return EXIT.usage;
  if (error.status === 404) return EXIT.notFound;
  return error.status === 409 ? EXIT.conflict : EXIT.failed;
}

/** The command line itself is wrong; the message says how it goes. */
export function usageError(message: string): PackError {
  return new PackError('INVALID_INPUT', message);
}

/** Exit code and readable text for whatever a command threw. */
export function explain(thrown: unknown): { code: number; text: string } {
  if (thrown instanceof PackError) return { code: exitCode(thrown), text: thrown.message };
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { code: EXIT.failed, text: `Something went wrong inside kvflow: ${text}` };
}

/** What kvflow and the flows' process say to each other, a line of JSON each, over a pipe that nobody else has. */

/** The first line to the process: what it is to be. */
export interface FlowsOrder {
  kind: 'start';
  /** Folder of the nodes for Node-RED. */
  pack: string;
  userDir: string;
  /** Where it listens: a Unix socket, on Windows a named pipe. */
  listen: string;
  safe: boolean;
  /** The kvflow that it belongs to, and the process's own key to it. */
  api: { url: string; key: string };
}

/** To the process. */
export type ToFlows =
  | FlowsOrder
  | { kind: 'stop' }
  /** Whether it still does something: it says `alive`. */
  | { kind: 'ping' }
  /** What a question came to. */
  | { kind: 'answer'; id: number; value: unknown };

/** Levels of the log. */
export type Level = 'info' | 'warn' | 'error';

/** What the process asks about people at the editor; see {@link adminAuth}. */
export type Question = 'authenticate' | 'users' | 'default';

/** From the process. */
export type FromFlows =
  | { kind: 'ready' }
  | { kind: 'alive' }
  | { kind: 'log'; level: Level; text: string }
  /** Flows have begun to run, or none runs any more. */
  | { kind: 'flows'; running: boolean }
  | { kind: 'ask'; id: number; question: Question; args: string[] };

/** Number of the open file that the pipe is in the process. */
export const PIPE = 3;

/** A message as it is sent. */
export function toLine(message: ToFlows | FromFlows): string {
  return `${JSON.stringify(message)}\n`;
}

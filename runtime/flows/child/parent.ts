import { Socket } from 'node:net';
import type { FlowsOrder, FromFlows, Level, Question, ToFlows } from '../messages.ts';
import { PIPE, toLine } from '../messages.ts';
import { readLines } from '../read-lines.ts';

/** The kvflow that started this process. */
export interface Parent {
  readonly order: Promise<FlowsOrder>;
  /** Fulfilled when this process is to end: it was told so, or kvflow is no more. */
  readonly stopped: Promise<void>;
  send(message: FromFlows): void;
  log(level: Level, text: string): void;
  /** Answers what kvflow says. */
  ask(question: Question, args: string[]): Promise<unknown>;
}

/** Joins it over the pipe. */
export function joinParent(): Parent {
  const pipe = new Socket({ fd: PIPE });
  const order = Promise.withResolvers<FlowsOrder>();
  const stopped = Promise.withResolvers<void>();
  const waiting = new Map<number, (value: unknown) => void>();
  let asked = 0;
  readLines(pipe, line => {
    const message = JSON.parse(line) as ToFlows;
    if (message.kind === 'start') order.resolve(message);
    else if (message.kind === 'stop') stopped.resolve();
    else if (message.kind === 'ping') send({ kind: 'alive' });
    else {
      waiting.get(message.id)?.(message.value);
      waiting.delete(message.id);
    }
  });
  pipe.on('close', () => stopped.resolve());
  return {
    order: order.promise,
    stopped: stopped.promise,
    send,
    log: (level, text) => send({ kind: 'log', level, text }),
    ask: (question, args) => {
      asked += 1;
      const id = asked;
      send({ kind: 'ask', id, question, args });
      return new Promise(resolve => void waiting.set(id, resolve));
    },
  };

  function send(message: FromFlows): void {
    if (pipe.writable) pipe.write(toLine(message));
  }
}

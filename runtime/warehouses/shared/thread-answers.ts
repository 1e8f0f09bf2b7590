/** The side of a thread that `startThread` started. */
import { parentPort } from 'node:worker_threads';

/** What comes back of a question. The first, with the id 0, says that the database is open. */
export interface Answer<Value = unknown> {
  id: number;
  value?: Value;
  fault?: Fault;
}

/** An error's own fields: of an Error a message between threads keeps only the text. */
export type Fault = Record<string, unknown> & { message: string };

/**
 * Opens the database, and then answers questions in the order in which they are begun: of synchronous work that of asking.
 * Ended by the other side.
 */
export async function answerQuestions<Question, Database>(
  open: () => Database | Promise<Database>,
  answer: (database: Database, question: Question) => unknown,
): Promise<void> {
  const opening = (async () => await open())();
  await tell(0, async () => void (await opening));
  parentPort?.on('message', ({ id, ...question }: { id: number }) =>
    tell(id, async () => await answer(await opening, question as Question)),
  );
}

async function tell(id: number, work: () => Promise<unknown>): Promise<void> {
  try {
    parentPort?.postMessage({ id, value: await work() } satisfies Answer);
  } catch (error) {
    parentPort?.postMessage({ id, fault: faultOf(error) } satisfies Answer);
  }
}

/** What of an error can be told to another thread. */
export function faultOf(error: unknown): Fault {
  const { message } = error as Error;
  const fields = Object.entries(error as object).filter(([, field]) =>
    /^(string|number)$/.test(typeof field),
  );
  return { ...Object.fromEntries(fields), message: message || String(error) };
}

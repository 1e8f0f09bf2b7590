import type { JoinOptions } from './kvflow.ts';
import { startKvflow } from './kvflow.ts';
import { connectOfficial } from './official.ts';

/** kvflow on a server of its own, and beside it the official client on the same server. */
export async function startWithOfficial(options: JoinOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const kvflow = stack.use(await startKvflow(options));
  const official = stack.use(await connectOfficial(kvflow.server.url));
  const kept = stack.move();
  return { ...kvflow, official, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

import type { JoinOptions, TestKvflow } from './kvflow.ts';
import { startKvflow, startWithServer } from './kvflow.ts';
import { connectOfficial } from './official.ts';

/** kvflow on an empty NATS, and beside it the official client on the same. */
export async function startWithOfficial(options: JoinOptions = {}) {
  return await besideOfficial(await startKvflow(options));
}

/** kvflow on a server of its own, and beside it the official client on the same server. */
export async function startServerWithOfficial() {
  return await besideOfficial(await startWithServer());
}

async function besideOfficial<T extends TestKvflow>(started: T) {
  await using stack = new AsyncDisposableStack();
  const kvflow = stack.use(started);
  const official = stack.use(await connectOfficial(kvflow.joined));
  const kept = stack.move();
  return { ...kvflow, official, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

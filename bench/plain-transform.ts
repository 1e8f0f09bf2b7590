/** The baseline of `transform`, in a thread of its own: two heaps in one would each pay for the other's garbage. */
import { parentPort, workerData } from 'node:worker_threads';

/** What the baseline runs over, and how long a round is. */
export interface PlainWork {
  texts: string[];
  roundMs: number;
}

const { texts, roundMs } = workerData as PlainWork;
const transform = ($: { event_type: string }) => ({ ...$, kind: `${$.event_type}1` });
let sink = 0;

parentPort?.on('message', () => {
  const start = performance.now();
  let events = 0;
  for (; performance.now() - start < roundMs; events += texts.length) {
    for (const text of texts) sink += JSON.stringify(transform(JSON.parse(text))).length;
  }
  parentPort?.postMessage(sink > 0 ? (events * 1000) / (performance.now() - start) : 0);
});

import type { RecognitionFigures } from '../server/recognition-metrics.ts';
import type { LazyRecognition } from './recognition.ts';

const WAIT_MS = 2_000;

/** What /metrics shows of recognition; undefined before it was used. */
export async function recognitionFigures(
  recognition: LazyRecognition,
): Promise<RecognitionFigures | undefined> {
  const started = recognition.started();
  if (!started) return undefined;
  const pending = await started.pending({ deadline: Date.now() + WAIT_MS }).catch(() => undefined);
  const dead = await started.dead({ deadline: Date.now() + WAIT_MS }).catch(() => undefined);
  return { stats: started.stats(), pending, dead };
}

import type { RecognitionFigures } from '../server/recognition-metrics.ts';
import type { LazyRecognition } from './recognition.ts';

const WAIT_MS = 2_000;

/** What this process counts of recognition; undefined before it was used here. */
export function recognitionCounts(recognition: LazyRecognition): RecognitionFigures | undefined {
  const started = recognition.started();
  return started && { stats: started.stats(), pending: undefined };
}

/** What /metrics shows of recognition; undefined before it was used. */
export async function recognitionFigures(
  recognition: LazyRecognition,
): Promise<RecognitionFigures | undefined> {
  const started = recognition.started();
  if (!started) return undefined;
  const call = { deadline: Date.now() + WAIT_MS };
  const [pending, dead] = await Promise.all([
    started.pending(call).catch(() => undefined),
    started.dead(call).catch(() => undefined),
  ]);
  return { stats: started.stats(), pending, dead };
}

/** What a benchmark answers; `ratio` is ours over the baseline, higher is better. */
export interface Figure {
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
  note?: string;
}

/** Runs in turn, baseline first, so that a machine whose speed drifts treats both alike; medians of per-round ratios. */
export async function compare(
  unit: string,
  count: number,
  ours: () => Promise<unknown>,
  baseline: () => Promise<unknown>,
  rounds = 5,
): Promise<Figure> {
  await baseline();
  await ours();
  const pairs: { ours: number; baseline: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const base = await rate(count, baseline);
    pairs.push({ baseline: base, ours: await rate(count, ours) });
  }
  return {
    value: median(pairs.map(pair => pair.ours)),
    unit,
    baseline: median(pairs.map(pair => pair.baseline)),
    ratio: median(pairs.map(pair => pair.ours / pair.baseline)),
  };
}

/** Runs `task` `count` times, `width` at once. */
export async function pipelined(
  count: number,
  width: number,
  task: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Milliseconds `task` takes. */
export async function time(task: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await task();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

async function rate(count: number, task: () => Promise<unknown>): Promise<number> {
  return (count / (await time(task))) * 1000;
}

/** The middle value. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** What is wrong with stores, for metrics. */
export interface StoreFigures {
  warnings: number;
  /** Names of buckets of which something was lost. */
  damaged: string[];
  /** Buckets with a limit of bytes, how full they are. */
  fill: BucketFill[];
}

/** How full a bucket is. */
export interface BucketFill {
  bucket: string;
  bytes: number;
  /** Most bytes it may have (`max_bytes`). */
  limit: number;
  /** Until it takes no more writes if it goes on as it did; undefined: it does not grow. */
  fullInSeconds?: number;
}

/** Prometheus' text of them; empty where nobody watches stores. */
export function storeMetricsText(figures: StoreFigures | undefined): string {
  if (!figures) return '';
  const lines = [
    '# HELP kvflow_store_warnings What is not as it should be with the stores, though calls are served.',
    '# TYPE kvflow_store_warnings gauge',
    `kvflow_store_warnings ${figures.warnings}`,
    '# HELP kvflow_bucket_damaged Buckets of which something was lost (1).',
    '# TYPE kvflow_bucket_damaged gauge',
    ...figures.damaged.map(bucket => `kvflow_bucket_damaged{bucket="${bucket}"} 1`),
    ...fillLines(figures.fill),
  ];
  return `${lines.join('\n')}\n`;
}

/** Names of buckets are letters, digits, - and _: nothing to escape. */
function fillLines(fill: readonly BucketFill[]): string[] {
  const lines = (name: string, help: string, value: (one: BucketFill) => number | undefined) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...fill.flatMap(one => {
      const found = value(one);
      return found === undefined ? [] : [`${name}{bucket="${one.bucket}"} ${found}`];
    }),
  ];
  return [
    ...lines('kvflow_bucket_bytes', 'Bytes of buckets that have a limit of them.', ({ bytes }) => bytes),
    ...lines('kvflow_bucket_limit_bytes', 'Most bytes they may have (max_bytes).', ({ limit }) => limit),
    ...lines(
      'kvflow_bucket_full_in_seconds',
      'Until a bucket takes no more writes, if it grows as in the last ten minutes.',
      ({ fullInSeconds }) => fullInSeconds,
    ),
  ];
}

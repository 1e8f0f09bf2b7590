/** What is wrong with stores, for metrics. */
export interface StoreFigures {
  warnings: number;
  /** Names of buckets of which something was lost. */
  damaged: string[];
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
  ];
  return `${lines.join('\n')}\n`;
}

/** One line of Prometheus' text format: `name{labels} value`. */
export interface Sample {
  /** Of the line, such as `x_bucket` of the histogram `x`. */
  name: string;
  /** As they are written, without the braces; empty: none. */
  labels: string;
  value: number;
}

/** Samples that belong together. */
export interface Family {
  name: string;
  type: string;
  help: string;
  samples: Sample[];
}

const HEAD = /^# (HELP|TYPE) (\S+) (.*)$/;
const LINE = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/;

/**
 * Reads Prometheus' text format as kvflow itself writes it: HELP and TYPE stand before the samples, which have no time and no
 * line break in a label. Samples of unknown families are left out.
 */
export function parseMetrics(text: string): Family[] {
  const families = new Map<string, Family>();
  let current: Family | undefined;
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line);
    if (head) {
      const [, what, name = '', rest = ''] = head;
      current = families.get(name) ?? { name, type: 'untyped', help: '', samples: [] };
      families.set(name, current);
      if (what === 'HELP') current.help = rest;
      else current.type = rest;
      continue;
    }
    const sample = LINE.exec(line);
    if (!sample || !current) continue;
    const [, name = '', labels = '', value] = sample;
    current.samples.push({ name, labels, value: toNumber(value) });
  }
  return [...families.values()];
}

/** The text again. */
export function writeMetrics(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(sample => {
      const labels = sample.labels === '' ? '' : `{${sample.labels}}`;
      return `${sample.name}${labels} ${toText(sample.value)}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}

function toNumber(text = ''): number {
  return text === 'Nan' || text === 'NaN' ? Number.NaN : Number(text.replace('Inf', 'Infinity'));
}

function toText(value: number): string {
  return String(value).replace('Infinity', 'Inf');
}

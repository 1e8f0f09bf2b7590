import { writeFile } from 'node:fs/promises';

/** A line of a picture: what was typed, what was answered, a failure, or a remark. */
export type Line = [kind: 'typed' | 'answer' | 'failure' | 'remark', text: string];

const COLORS = { typed: '#e6edf3', answer: '#9fb3c8', failure: '#ff9e8a', remark: '#6b7f94' };
const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
/** Pixels; of a letter in that font and size, the width of the widest of them. */
const LETTER = 8.1;
const LINE = 20;
const TOP = 66;
const LONGEST = 140;

/** Writes a terminal as SVG; what is longer than a line is cut. */
export async function writeTerminal(path: string, title: string, lines: Line[]): Promise<void> {
  const shown = lines.map(([kind, text]): Line => [kind, cut(text)]);
  const letters = Math.max(...shown.map(([kind, text]) => text.length + (kind === 'typed' ? 2 : 0)));
  const width = Math.ceil(letters * LETTER) + 48;
  const height = TOP + shown.length * LINE + 10;
  const rows = shown.map(([kind, text], index) => row(kind, text, TOP + index * LINE));
  const buttons = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, index) => `<circle cx="${22 + 18 * index}" cy="20" r="5" fill="${color}"/>`,
  );
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="${FONT}" font-size="13">`,
    '<rect width="100%" height="100%" rx="8" fill="#10161d"/>',
    buttons.join(''),
    `<text x="80" y="24" fill="${COLORS.remark}">${escaped(title)}</text>`,
    ...rows,
    '</svg>',
  ];
  await writeFile(path, `${svg.join('\n')}\n`);
}

function row(kind: Line[0], text: string, y: number): string {
  const prompt = kind === 'typed' ? '<tspan fill="#5ad19a">$ </tspan>' : '';
  return `<text x="24" y="${y}" fill="${COLORS[kind]}" xml:space="preserve">${prompt}${escaped(text)}</text>`;
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Charts of a report, as SVG that needs nothing else. */

import type { Growth } from './growth.ts';
import type { BenchmarkName } from './index.ts';
import type { Figure } from './measure.ts';

const ROW = 22;
const LEFT = 190;
const UNIT = 140;
const [PLOT_WIDTH, PLOT_HEIGHT, MARGIN] = [260, 150, 60];

/** A bar for each benchmark: its ratio to its baseline. */
export function ratiosChart(bars: [BenchmarkName, Figure][]): string {
  const most = Math.max(2, ...bars.map(([, { ratio }]) => Math.min(ratio, 4)));
  const lines = bars.map(([name, { ratio }], index) => {
    const y = index * ROW + 30;
    const length = Math.round(UNIT * Math.min(ratio, 4));
    return `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${name}</text><rect x="${LEFT}" y="${y}" width="${length}" height="15" fill="#3b82f6"/><text x="${LEFT + length + 5}" y="${y + 12}">${ratio.toFixed(2)}</text>`;
  });
  const height = bars.length * ROW + 40;
  const one = LEFT + UNIT;
  return svg('kvflow as a part of each baseline', Math.round(LEFT + UNIT * most + 50), height, [
    `<text x="${one}" y="18" text-anchor="middle">baseline = 1</text>`,
    `<line x1="${one}" y1="24" x2="${one}" y2="${height - 8}" stroke="#888" stroke-dasharray="3 3"/>`,
    ...lines,
  ]);
}

/** A plot for each growth, side by side: what grows in steps of its points, the figure from 0 up. */
export function growthChart(growths: Growth[]): string {
  const width = PLOT_WIDTH + 2 * MARGIN;
  const plots = growths.map((growth, index) => plot(growth, index * width + MARGIN));
  return svg('How figures go with sizes', width * growths.length, PLOT_HEIGHT + 2 * MARGIN, plots);
}

function plot({ name, by, unit, points }: Growth, left: number): string {
  const most = Math.max(...points.map(({ value }) => value));
  const bottom = MARGIN + PLOT_HEIGHT;
  const places = points.map(({ at, value }, index) => ({
    x: left + Math.round((PLOT_WIDTH * index) / Math.max(1, points.length - 1)),
    y: Math.round(bottom - (PLOT_HEIGHT * value) / most),
    at: short(at),
    value: short(value),
  }));
  return [
    `<text x="${left}" y="${MARGIN - 28}" font-weight="bold">${name}</text>`,
    `<text x="${left}" y="${MARGIN - 12}" fill="#555">${unit}</text>`,
    `<line x1="${left}" y1="${bottom}" x2="${left + PLOT_WIDTH}" y2="${bottom}" stroke="#888"/>`,
    `<polyline fill="none" stroke="#3b82f6" stroke-width="2" points="${places.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`,
    ...places.map(
      ({ x, y, at, value }) =>
        `<circle cx="${x}" cy="${y}" r="3" fill="#3b82f6"/><text x="${x}" y="${y - 7}" text-anchor="middle" font-size="10">${value}</text><text x="${x}" y="${bottom + 15}" text-anchor="middle" font-size="10">${at}</text>`,
    ),
    `<text x="${left + PLOT_WIDTH / 2}" y="${bottom + 34}" text-anchor="middle" fill="#555">${by}</text>`,
  ].join('\n');
}

function svg(title: string, width: number, height: number, parts: string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

function short(value: number): string {
  return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
}

/** A node of an exported flow of Node-RED, as far as it is drawn. */
export interface FlowNode {
  id: string;
  type: string;
  name?: string;
  /** Of a tab: its name, and what is said of it. */
  label?: string;
  info?: string;
  /** Of its middle, in the editor's pixels; nodes of configuration have none. */
  x?: number;
  y?: number;
  /** Ids by output. */
  wires?: string[][];
}

interface Box {
  node: FlowNode;
  x: number;
  y: number;
  width: number;
}

const HEIGHT = 30;
const CHARACTER = 7.2;
/** Node-RED's own colours of these types; ours have one. */
const COLOURS: Record<string, string> = { inject: '#a6bbcf', debug: '#87a980', switch: '#e2d96e' };
const OURS = '#9fd3c7';
const OTHER = '#e6e0d0';

/** A flow as the editor shows it: its nodes at their places, with their wires. An SVG document. */
export function drawFlow(title: string, nodes: readonly FlowNode[]): string {
  const boxes = nodes.filter(({ x }) => x !== undefined).map(boxOf);
  const width = Math.max(...boxes.map(box => box.x + box.width)) + 20;
  const height = Math.max(...boxes.map(box => box.y + HEIGHT)) + 20;
  const lines = boxes.flatMap(box => wiresOf(box, boxes));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="13">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${[...lines, ...boxes.map(drawBox)].join('\n')}
</svg>
`;
}

function boxOf(node: FlowNode): Box {
  const width = Math.round(Math.max(100, labelOf(node).length * CHARACTER + 40));
  return { node, x: (node.x ?? 0) - width / 2, y: (node.y ?? 0) - HEIGHT / 2, width };
}

function labelOf({ name, type }: FlowNode): string {
  return name || type;
}

function wiresOf(box: Box, boxes: readonly Box[]): string[] {
  const { wires = [] } = box.node;
  return wires.flatMap((targets, output) => {
    const from = { x: box.x + box.width, y: portOf(box, output, wires.length) };
    return targets.map(id => {
      const target = boxes.find(({ node }) => node.id === id);
      return target ? curve(from, { x: target.x, y: target.y + HEIGHT / 2 }) : '';
    });
  });
}

/** Outputs stand below each other. */
function portOf({ y }: Box, output: number, outputs: number): number {
  return y + HEIGHT / 2 + (output - (outputs - 1) / 2) * 13;
}

function curve(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const bend = Math.max(30, (to.x - from.x) / 2);
  return `<path d="M ${from.x} ${from.y} C ${from.x + bend} ${from.y}, ${to.x - bend} ${to.y}, ${to.x} ${to.y}" fill="none" stroke="#999" stroke-width="2"/>`;
}

function drawBox({ node, x, y, width }: Box): string {
  const middle = y + HEIGHT / 2 + 4.5;
  const label = escaped(labelOf(node));
  if (node.type === 'comment') return `<text x="${x}" y="${middle}" fill="#555">${label}</text>`;
  const isOurs = /^(kv|identify|transform|warehouse|kvflow)\b/.test(node.type);
  const colour = COLOURS[node.type] ?? (isOurs ? OURS : OTHER);
  return `<g><title>${escaped(node.type)}</title><rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="5" fill="${colour}" stroke="#777"/><text x="${x + width / 2}" y="${middle}" text-anchor="middle" fill="#222">${label}</text></g>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

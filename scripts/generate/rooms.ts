/** The drawing of AGENTS.md: which room of the source imports which, as the files have it today. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, sourceFiles } from './imports.ts';

/** Wires everything together, so its arrows say nothing. */
const WIRING = 'runtime/main';

/** The rooms of the source and their arrows, one line for each, as a block of Markdown. */
export function roomsDrawing(root: string): string {
  const arrows = arrowsOf(root);
  const rooms = [...arrows.keys()].sort();
  const width = Math.max(...rooms.map(room => room.length));
  const lines = rooms.map(room => `${room.padEnd(width)} → ${wordsOf(room, arrows.get(room))}`);
  return ['```text', ...lines, '```'].join('\n');
}

function wordsOf(room: string, targets: ReadonlySet<string> = new Set()): string {
  if (room === WIRING) return 'every room of runtime/';
  return [...targets].sort().join(', ') || 'nothing of ours';
}

function arrowsOf(root: string): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const file of sourceFiles(root)) {
    const room = roomOf(file);
    const targets = arrows.get(room) ?? new Set<string>();
    arrows.set(room, targets);
    for (const { relative, target } of importsOf(file, readFileSync(join(root, file), 'utf8')))
      if (relative && roomOf(target) !== room) targets.add(roomOf(target));
  }
  return arrows;
}

/** `runtime/nats/kv/store.ts` is in runtime/nats, `runtime/transports/mcp/tools.ts` in runtime/transports/mcp. */
function roomOf(path: string): string {
  const [top = '', second = '', third = ''] = path.replace(/\.[cm]?[jt]sx?$/, '').split('/');
  if (top === 'runtime' && second === 'transports') return `${top}/${second}/${third}`;
  return top === 'runtime' || top === 'hosts' ? `${top}/${second}` : top;
}

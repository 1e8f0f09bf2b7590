import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { natsServerPath } from '../support/nats-binary.ts';

/** What a nats-server holds in memory, as its profiler says. */
export interface NatsHeap {
  /**
   * Of what is in use, and not of what its allocator keeps: the block of each stream that is being written, at most 8 MB of each
   * (filestore.go: `getMsgBlockBuf`), which it keeps for as long as the stream is busy; and all the rest. In megabytes.
   */
  blocksMb: number;
  heldMb: number;
  goroutines: number;
  /** Bytes in use by where they were allocated: the functions of the server, the innermost first. */
  sites: Map<string, number>;
}

/** A look into the nats-server that a kvflow starts. */
export interface NatsHeapView {
  /** The variables with which kvflow starts it so that it can be looked at. */
  env: Record<string, string>;
  /** Collects garbage first. */
  look(): Promise<NatsHeap>;
}

const SHOWN = 4;
const BLOCKS = 'getMsgBlockBuf';

/** Writes a program into a folder that starts nats-server with its profiler open, and says how kvflow is to find it. */
export async function viewNatsHeap(folder: string): Promise<NatsHeapView> {
  const port = await freePort();
  const program = join(folder, 'nats-server');
  await writeFile(
    program,
    `#!/bin/sh\ncase "$1" in -v|--version) exec "${await natsServerPath()}" "$1";; esac\nexec "${await natsServerPath()}" "$@" --profile ${port}\n`,
  );
  await chmod(program, 0o755);
  const ask = async (what: string) =>
    await (await fetch(`http://127.0.0.1:${port}/debug/pprof/${what}`)).text();
  return {
    env: { NATS_SERVER_BIN: program },
    look: async () => {
      const heap = await ask('heap?gc=1&debug=1');
      const goroutines = await ask('goroutine?debug=1');
      const sites = sitesOf(heap);
      const blocks = sumOf([...sites].filter(([site]) => site.includes(BLOCKS)));
      return {
        blocksMb: toMb(blocks),
        heldMb: toMb(Number(/^# HeapAlloc = (\d+)/m.exec(heap)?.[1]) - blocks),
        goroutines: Number(/total (\d+)/.exec(goroutines)?.[1]),
        sites,
      };
    },
  };
}

function sumOf(sites: readonly [string, number][]): number {
  return sites.reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** With one digit behind the point. */
function toMb(bytes: number): number {
  return Math.round(bytes / 2 ** 20 / 0.1) / 10;
}

/** Where most more is in use than before, in words. */
export function grownSites(before: NatsHeap, now: NatsHeap): string[] {
  const more = [...now.sites].map(([site, bytes]): [string, number] => [
    site,
    bytes - (before.sites.get(site) ?? 0),
  ]);
  return more
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([site, bytes]) => `${(bytes / 2 ** 20).toFixed(1)} MB ${site}`);
}

/** A record is `objects: bytes [all objects: all bytes] @ addresses`, and a line for each of its frames. */
function sitesOf(heap: string): Map<string, number> {
  const sites = new Map<string, number>();
  for (const record of heap.split('\n\n')) {
    const bytes = /^\d+: (\d+) \[/m.exec(record)?.[1];
    const frames = [...record.matchAll(/^#\t0x\S+\t(\S+?)\+0x/gm)].map(([, name = '']) => name);
    const own = frames.filter(name => !name.startsWith('runtime.')).map(name => name.replace(/^.*\//, ''));
    const site = own.slice(0, SHOWN).join(' < ');
    if (bytes !== undefined) sites.set(site, (sites.get(site) ?? 0) + Number(bytes));
  }
  return sites;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdentifyInput } from '../../contract/types.gen.ts';
import type { Step } from '../../runtime/recognition/job.ts';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import { childPath } from './children.ts';
import type { TestEvent } from './identify.ts';

/** What a child is to do. */
export interface ChildWork {
  servers: string[];
  warehouse: DestinationSettings;
  /** Events of one call each. */
  calls: TestEvent[][];
  /** Other inputs of each call. */
  more?: Partial<IdentifyInput>;
  /** Calls under way at once. Default 1. */
  inFlight?: number;
  /** The step after which it kills itself with SIGKILL. */
  killAt?: Step;
}

/** How a child ended. */
export interface ChildEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

const CHILD = childPath('identify-child');

/** Runs identify in a process of its own. */
export async function runChild(work: ChildWork): Promise<ChildEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-identify-'));
  try {
    const file = join(folder, 'work.json');
    await writeFile(file, JSON.stringify(work));
    const child = spawn(process.execPath, ['--no-warnings', CHILD, file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', chunk => (stderr += chunk));
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return { code, signal, stderr };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

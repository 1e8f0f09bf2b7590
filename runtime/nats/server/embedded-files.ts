import { chmod, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the embedded server keeps its things, all inside `<data directory>/nats`. */
export interface EmbeddedFiles {
  dir: string;
  /** Holds the password: readable by its owner alone. */
  config: string;
  /** JetStream's data. */
  storeDir: string;
  portsDir: string;
  log: string;
  /** What the server says before its log is open, and when it crashes. */
  stderr: string;
  /** Which process the server is, for the kvflow that finds it left over. */
  record: string;
}

/** Creates the folder, readable by its owner alone, and names the files in it. */
export async function embeddedFiles(dataDir: string): Promise<EmbeddedFiles> {
  await mkdir(join(dataDir, 'nats'), { recursive: true, mode: 0o700 });
  const dir = join(await realpath(dataDir), 'nats');
  await chmod(dir, 0o700);
  return {
    dir,
    config: join(dir, 'nats-server.conf'),
    storeDir: join(dir, 'store'),
    portsDir: join(dir, 'ports'),
    log: join(dir, 'nats-server.log'),
    stderr: join(dir, 'stderr.log'),
    record: join(dir, 'server.json'),
  };
}

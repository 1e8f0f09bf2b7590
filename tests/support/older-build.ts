import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A build from before, which runs beside this one. */
export interface OlderBuild extends AsyncDisposable {
  /** Its command line's entry; undefined where there is no history to take one from. */
  readonly main: string | undefined;
}

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = 'runtime/transports/cli/main.ts';
/** The last build before stored formats of this one; taken where nothing is tagged. */
const BEFORE = '5aadf49';
const PARTS = ['runtime', 'functions', 'schemas', 'manifest.json', 'package.json'];

/** The build in the folder that KVFLOW_OLD names, or that of the last tag, or the one before this, out of the history of git. */
export async function olderBuild(): Promise<OlderBuild> {
  const given = process.env.KVFLOW_OLD;
  if (given) return { main: join(given, ENTRY), [Symbol.asyncDispose]: async () => undefined };
  // Of a commit that has a tag it is the tag before.
  const last = ['describe', '--tags', '--abbrev=0', 'HEAD^'];
  const tag = spawnSync('git', last, { cwd: ROOT, encoding: 'utf8' });
  const version = tag.status === 0 ? tag.stdout.trim() : BEFORE;
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-older-'));
  const script = `git archive ${version} ${PARTS.join(' ')} | tar -x -C "${folder}"`;
  const { status } = spawnSync('bash', ['-o', 'pipefail', '-c', script], { cwd: ROOT });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    main: status === 0 ? join(folder, ENTRY) : undefined,
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }),
  };
}

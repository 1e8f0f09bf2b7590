import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './measure.ts';
import { compare } from './measure.ts';
import { stage } from './stage.ts';

const FILE_BYTES = 200 * 1024 * 1024;
const ROUNDS = 3;
const SCRIPT = 'return {...$, kind: $.event_type + 1}';
const MAIN = join(import.meta.dirname, '../dist/runtime/transports/cli/main.js');

/** What somebody would write who wants this one script over this one file. */
const PLAIN = `
import { createInterface } from 'node:readline';
const transform = $ => ({ ...$, kind: $.event_type + 1 });
let out = '';
const pass = () => process.stdout.write(out) || new Promise(go => process.stdout.once('drain', go));
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  out += JSON.stringify(transform(JSON.parse(line))) + '\\n';
  if (out.length > 1 << 18) { await pass(); out = ''; }
}
await pass();`;

/**
 * `transform-file`: `kvflow transform`, as it is installed, over a file of 200 MB, against a plain Node script with readline,
 * each as a process from its start to its end. Goal 0.8. Needs a build.
 */
export async function transformFile(): Promise<Figure> {
  await using s = await stage();
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-bench-'));
  try {
    const [input, script, plain] = ['in.ndjson', 'script.js', 'plain.mjs'].map(name => join(folder, name));
    if (!input || !script || !plain) throw new Error('never');
    await Promise.all([writeFile(script, SCRIPT), writeFile(plain, PLAIN)]);
    const events = await writeEvents(input);
    const env = { ...process.env, NATS_URL: s.server.url };
    const run = async (...args: string[]): Promise<void> => {
      await using file = await open(input);
      const child = spawn(process.execPath, args, { env, stdio: [file.fd, 'ignore', 'pipe'] });
      let told = '';
      child.stderr?.on('data', chunk => {
        told = (told + chunk).slice(-1_000);
      });
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}; is dist built? ${told}`);
    };
    return await compare(
      'events/s',
      events,
      () => run(MAIN, 'transform', script),
      () => run(plain),
      ROUNDS,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Events of about 1 KB; answers how many. */
async function writeEvents(path: string): Promise<number> {
  const out = createWriteStream(path);
  let count = 0;
  for (let bytes = 0; bytes < FILE_BYTES; ) {
    let block = '';
    for (let end = count + 1_000; count < end; count++) block += `${JSON.stringify(eventOf(count))}\n`;
    bytes += block.length;
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return count;
}

function eventOf(id: number) {
  return {
    event_type: 'page',
    id,
    user: { email: `someone${id}@example.com`, name: 'n'.repeat(100) },
    ctx: {
      url: 'https://example.com/a/b?c=d',
      agent: 'Mozilla/5.0 '.repeat(10),
      list: [1, 2, 3, 4, 5, 6, 7, 8],
    },
    pad: 'p'.repeat(600),
  };
}

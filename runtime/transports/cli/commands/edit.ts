import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackError } from '../../../../contract/errors.ts';
import type { KvKeyGetOutput, KvKeyPutOutput } from '../../../../contract/types.gen.ts';
import { readAddress } from '../address.ts';
import { toBytes, toValue } from '../bytes-input.ts';
import type { Command, CommandCall } from '../command.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { shellWord } from '../io.ts';
import type { Caller } from '../item-commands.ts';
import { openCaller, PLACE_SETTINGS, takeArgs } from '../item-commands.ts';

const NS_PER_MS = 1e6;

/** `kvflow edit` */
export const editCommand: Command = {
  usage: 'edit <bucket/key>',
  summary: 'opens a value in your editor ($VISUAL or $EDITOR) and stores what you save',
  help: [
    'A key that is not there begins empty. Where somebody else wrote the key meanwhile nothing is stored (exit code 4), and the file',
    'with what you wrote stays. An item keeps its time to live, content type and metadata.',
  ].join('\n'),
  options: {},
  settings: [...PLACE_SETTINGS],
  run: async call => {
    const [address = ''] = takeArgs(call.args, editCommand.usage);
    const target = readAddress(address);
    await using caller = await openCaller(call);
    const found = await find(caller, target);
    const before = found ? toBytes(found) : Buffer.alloc(0);
    const folder = await mkdtemp(join(tmpdir(), 'kvflow-edit-'));
    const file = join(folder, target.key.replace(/[^\w.-]/g, '_').slice(-100));
    await writeFile(file, before, { mode: 0o600 });
    await openEditor(file, call);
    const after = await readFile(file);
    if (!after.equals(before)) await store(caller, { target, found, after, file }, call);
    else call.io.tell('kvflow: nothing was changed');
    await rm(folder, { recursive: true, force: true });
    return EXIT.ok;
  },
};

interface Edited {
  target: { bucket: string; key: string };
  found: KvKeyGetOutput | undefined;
  after: Buffer;
  file: string;
}

async function find(caller: Caller, target: object): Promise<KvKeyGetOutput | undefined> {
  try {
    return await caller.call<KvKeyGetOutput>('kv-key-get', target);
  } catch (error) {
    if (error instanceof PackError && error.code === 'KEY_NOT_FOUND') return undefined;
    throw error;
  }
}

async function store(
  caller: Caller,
  { target, found, after, file }: Edited,
  { io }: CommandCall,
): Promise<void> {
  const { revision = 0, expires_at, content_type, metadata } = found ?? {};
  const left = expires_at === undefined ? undefined : (Date.parse(expires_at) - Date.now()) * NS_PER_MS;
  try {
    const stored = await caller.call<KvKeyPutOutput>('kv-key-put', {
      ...target,
      ...toValue(after),
      ...(left !== undefined && { ttl: Math.max(left, NS_PER_MS) }),
      ...(content_type !== undefined && { content_type }),
      ...(metadata && { metadata }),
      expected_revision: revision,
    });
    io.print(String(stored.revision));
  } catch (error) {
    io.tell(`kvflow: what you wrote is in ${file}`);
    throw error;
  }
}

/** Waits until the editor is closed. */
async function openEditor(file: string, { io: { env } }: CommandCall): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || (process.platform === 'win32' ? 'notepad' : 'vi');
  const child = spawn(`${editor} ${shellWord(file)}`, { shell: true, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code !== 0)
    throw usageError(
      `The editor "${editor}" ended with code ${code}; nothing was stored. Set EDITOR to another`,
    );
}

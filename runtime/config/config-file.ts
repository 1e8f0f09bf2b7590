import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Problems } from './problems.ts';

/** A parsed config file. */
export interface ConfigFile {
  path: string;
  /** Folder that its relative paths start from. */
  dir: string;
  content: Record<string, unknown>;
  /** Names of the variables that were put in. Default: none. */
  variables?: string[];
}

/** The file that is read when KVFLOW_CONFIG names none. */
export const DEFAULT_CONFIG_FILE = 'kvflow.yaml';

/** Reads the file that was asked for, or the default one if it is there. */
export async function readConfigFile(
  asked: string | undefined,
  cwd: string,
  problems: Problems,
): Promise<ConfigFile | undefined> {
  const path = resolve(cwd, asked ?? DEFAULT_CONFIG_FILE);
  const text = read(path, asked !== undefined, problems);
  if (text === undefined) return undefined;
  return { path, dir: dirname(path), content: await parse(path, text, problems) };
}

function read(path: string, mustExist: boolean, problems: Problems): string | undefined {
  try {
    const bytes = readFileSync(path);
    if (isUtf8(bytes)) return bytes.toString('utf8');
    problems.add(`${path} is not UTF-8 text`);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return undefined;
    problems.add(
      code === 'ENOENT' ? `KVFLOW_CONFIG: there is no file ${path}` : `${path} cannot be read: ${message}`,
    );
    return undefined;
  }
}

async function parse(path: string, text: string, problems: Problems): Promise<Record<string, unknown>> {
  // Loaded only where there is a file: most starts have none.
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const { code, pos } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    // The parser's own text may quote the line, and with it a password.
    problems.add(`${path} is no valid YAML at line ${line}, column ${col} (${code})`);
  }
  if (document.errors.length > 0) return {};
  const content: unknown = document.contents === null ? {} : document.toJS();
  if (isMap(content)) return content;
  problems.add(`${path} must hold keys and values, such as "data_dir: /var/lib/kvflow"`);
  return {};
}

/** Whether a value of the file holds keys. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

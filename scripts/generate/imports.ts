/** What each source file of the project imports, lazily too: for the rules of the architecture and its drawing. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** One import of a source file. */
export interface Import {
  file: string;
  /** Path from the root where it is relative, else the specifier. */
  target: string;
  relative: boolean;
}

/** Folders of the source, from the root. */
const FOLDERS = ['contract', 'runtime', 'functions', 'dashboard', 'hosts'];
const SOURCE = /\.(ts|tsx|js|mjs|cjs|vue|svelte)$/;
const SPECIFIER = /(?:(?<!\/)\bfrom|(?<!-)\bimport|\brequire\(|\bimport\()\s*(['"`])([^'"`\n]+)\1/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;

/** Every source file below a root, as paths from it, sorted. */
export function sourceFiles(root: string): string[] {
  return FOLDERS.filter(folder => existsSync(join(root, folder)))
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file =>
        posix.join(folder, file.replaceAll('\\', '/')),
      ),
    )
    .filter(file => SOURCE.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
    .sort();
}

/** The code of a file without its comments. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT, '');
}

/** What a file of this text imports. */
export function importsOf(file: string, text: string): Import[] {
  return [...withoutComments(text).matchAll(SPECIFIER)].map(([, , specifier = '']) => {
    const relative = specifier.startsWith('.');
    return { file, relative, target: relative ? posix.join(dirname(file), specifier) : specifier };
  });
}

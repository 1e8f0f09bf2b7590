import { join } from 'node:path';
import { build } from 'vite';

const NOTE = `// @ts-nocheck
// Generated from hosts/client; do not edit. npm run generate writes it.`;

/** @kvflow/client as one module, for a host that is to need no other package. */
export async function clientModule(root: string): Promise<string> {
  const entry = join(root, 'hosts/client/src/index.ts');
  const built = await build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: { write: false, minify: false, target: 'es2023', lib: { entry, formats: ['es'] } },
  });
  const [output] = [built].flat();
  const chunks = output && 'output' in output ? output.output : [];
  const [chunk] = chunks;
  if (chunk?.type !== 'chunk' || chunks.length > 1) throw new Error('The client is not one module.');
  return `${NOTE}\n${withoutComments(chunk.code)}`;
}

/** Bundlers name the files that parts come from, and keep what is said of functions. */
function withoutComments(code: string): string {
  return code.replaceAll(/^[\t ]*\/\/#.*\n/gm, '').replaceAll(/^[\t ]*\/\*\*[\s\S]*?\*\/\n/gm, '');
}

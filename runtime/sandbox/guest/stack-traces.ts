const USER_FILE = /^(main\.js$|lib:|script )/;
/** Stands for an import, which runs before the first line or behind the last. */
const IMPORT = /^kvf\$at_(\d+)_(\d+)$/;

/** Stacks name the lines of users' scripts alone, as `  at main (2:8)`. */
export function tellUserLines(): void {
  Error.stackTraceLimit = 20;
  (Error as unknown as { prepareStackTrace: unknown }).prepareStackTrace = (
    error: unknown,
    sites: NodeJS.CallSite[],
  ) => {
    let head = 'Error';
    try {
      head = String(error);
    } catch {
      // A message that cannot be turned to text: the lines below still tell where.
    }
    return [head, ...linesOf(sites)].join('\n');
  };
}

function linesOf(sites: NodeJS.CallSite[]): string[] {
  const lines: string[] = [];
  let isImporter = false;
  for (const site of sites) {
    const name = site.getFunctionName() ?? '';
    if (!USER_FILE.test(site.getFileName() ?? '') || name === 'kvflow$call') continue;
    const file = site.getFileName() === 'main.js' ? '' : `${site.getFileName()}:`;
    const [, line, column] = IMPORT.exec(name) ?? [];
    if (line !== undefined) lines.push(`  at import (${file}${line}:${column})`);
    else if (!isImporter)
      lines.push(`  at ${name.replace('kvf$def', 'default') || '<anonymous>'} (${file}${placeOf(site)})`);
    // Below it comes the code around the user's, which the import was moved to.
    isImporter = line !== undefined;
  }
  return lines;
}

/** Of a script that is one expression, V8 may name the statement that returns it, which stands before its first line. */
function placeOf(site: NodeJS.CallSite): string {
  const line = site.getLineNumber();
  return line === null ? '1:1' : `${line}:${site.getColumnNumber()}`;
}

import { spawn } from 'node:child_process';
import type { Io } from './io.ts';

/** Opens an address in whatever the system opens addresses with, or in $BROWSER; `none` is called where there is nothing. */
export function openInBrowser(address: string, env: Io['env'], none: () => void): void {
  const opener = openerOf(env);
  if (!opener) {
    none();
    return;
  }
  const [program, ...args] = opener;
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', none);
  child.on('exit', code => {
    if (code !== 0) none();
  });
  // It may stay open for longer than kvflow runs.
  child.unref();
}

function openerOf({ BROWSER, DISPLAY, WAYLAND_DISPLAY }: Io['env']): [string, ...string[]] | undefined {
  if (BROWSER) return [BROWSER];
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['cmd', '/c', 'start', ''];
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
}

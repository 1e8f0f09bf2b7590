import { relative } from 'node:path';
import type { ConfigFile } from './config-file.ts';
import { isMap } from './config-file.ts';
import type { Problems } from './problems.ts';
import { allSettings } from './settings.ts';
import type { Env } from './sources.ts';

const PREFIX = /^(KVFLOW|NATS|TRANSFORM|USER_RECOGNITION)_/;

/** Complains of every key of the file that means nothing; destinations have names of the user's own. */
export function checkKeys(file: ConfigFile | undefined, cwd: string, problems: Problems): void {
  if (!file) return;
  const known = [...allSettings().map(setting => setting.key), 'destinations'];
  const name = relative(cwd, file.path);
  visit(file.content, '', (key, siblings) => {
    problems.add(`${name}: ${key} is not a known key; known here are: ${siblings.join(', ')}`);
  });

  function visit(
    node: Record<string, unknown>,
    prefix: string,
    complain: (key: string, of: string[]) => void,
  ) {
    const here = known.filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length).split('.'));
    const siblings = [...new Set(here.map(([first = '']) => first))];
    for (const [key, value] of Object.entries(node)) {
      const at = prefix + key;
      if (!siblings.includes(key)) complain(at, siblings);
      else if (known.includes(at) || value === null) continue;
      else if (isMap(value)) visit(value, `${at}.`, complain);
      else problems.add(`${name}: ${at} must hold keys and values`);
    }
  }
}

/** Names of variables that are almost a known one: nobody else's, most likely a slip. */
export function misspelt(env: Env): string[] {
  const known = allSettings().flatMap(({ env: name, secret }) => [
    name ?? [],
    name && secret ? `${name}_FILE` : [],
  ]);
  const names = [...known.flat(), 'KVFLOW_CONFIG'];
  return Object.keys(env)
    .filter(name => PREFIX.test(name) && !names.includes(name))
    .flatMap(name => {
      const meant = names.find(other => isAlmost(name, other));
      return meant ? [`${name} is not a variable of kvflow; was ${meant} meant?`] : [];
    });
}

/** Whether two names differ in one letter, or in two that changed places. */
function isAlmost(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (x.length <= 1 && y.length <= 1) || (x.length === 2 && y === `${x[1]}${x[0]}`);
}

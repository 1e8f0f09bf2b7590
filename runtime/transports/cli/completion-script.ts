import type { ManifestFunction } from '../../core/manifest.ts';
import type { Command } from './command.ts';
import { fieldOptions } from './field-flags.ts';

/** Shells that a script is made for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** What is completed. */
interface Words {
  commands: Record<string, Command>;
  functions: ManifestFunction[];
}

/** The script of a shell. Zsh takes that of bash through its own bashcompinit. */
export function completionScript(shell: (typeof SHELLS)[number], words: Words): string {
  if (shell === 'fish') return fish(words);
  const head = shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : [];
  return [...head, ...bash(words)].join('\n');
}

function bash({ commands, functions }: Words): string[] {
  const names = functions.map(({ name }) => name).join(' ');
  return [
    '_kvflow() {',
    // Not called `words`: zsh has an array of this name for the line itself.
    `  local typed="\${COMP_WORDS[COMP_CWORD]}" offered=""`,
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    offered="${Object.keys(commands).join(' ')} help"`,
    '  else',
    `    case "\${COMP_WORDS[1]}" in`,
    ...Object.entries(commands).map(
      ([name, command]) => `      ${name}) offered="${flagsOf(command).join(' ')}" ;;`,
    ),
    `      help) offered="${Object.keys(commands).join(' ')}" ;;`,
    '    esac',
    `    case "\${COMP_WORDS[1]}:$COMP_CWORD" in`,
    `      invoke:2|functions:2) offered="${names}" ;;`,
    '    esac',
    `    if [ "\${COMP_WORDS[1]}" = invoke ] && [ "$COMP_CWORD" -gt 2 ]; then`,
    `      case "\${COMP_WORDS[2]}" in`,
    ...functions.map(fn => `        ${fn.name}) offered="${fieldFlags(fn).join(' ')} $offered" ;;`),
    '      esac',
    '    fi',
    '  fi',
    '  COMPREPLY=($(compgen -W "$offered" -- "$typed"))',
    '}',
    'complete -o default -F _kvflow kvflow',
  ];
}

function fish({ commands, functions }: Words): string {
  const seen = (name: string): string => `__fish_seen_subcommand_from ${name}`;
  return [
    ...Object.entries(commands).map(
      ([name, { summary }]) =>
        `complete -c kvflow -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ),
    ...Object.entries(commands).flatMap(([name, command]) =>
      flagsOf(command).map(flag => `complete -c kvflow -n '${seen(name)}' -l ${flag.slice(2)}`),
    ),
    ...functions.map(
      ({ name, title }) =>
        `complete -c kvflow -n '${seen('invoke functions')}' -f -a ${name} -d ${quoted(title)}`,
    ),
    ...functions.flatMap(fn =>
      fieldFlags(fn).map(flag => `complete -c kvflow -n '${seen(fn.name)}' -l ${flag.slice(2)}`),
    ),
  ].join('\n');
}

function flagsOf({ options, settings }: Command): string[] {
  return [...Object.keys(options), ...settings, 'help'].map(name => `--${name}`);
}

function fieldFlags(fn: ManifestFunction): string[] {
  return Object.keys(fieldOptions(fn))
    .filter(name => !name.includes('_'))
    .map(name => `--${name}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

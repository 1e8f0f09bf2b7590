import type { Command } from '../command.ts';
import { completionScript, SHELLS } from '../completion-script.ts';
import { EXIT, usageError } from '../exit-codes.ts';

/** `kvflow completion`; `commands` are those there are, itself among them. */
export function completionCommand(commands: () => Promise<Record<string, Command>>): Command {
  return {
    usage: 'completion bash|zsh|fish',
    summary: 'prints a script with which a shell completes commands, functions and flags',
    help: [
      '  bash    source <(kvflow completion bash)              in ~/.bashrc',
      '  zsh     source <(kvflow completion zsh)               in ~/.zshrc, after compinit',
      '  fish    kvflow completion fish | source               in ~/.config/fish/config.fish',
    ].join('\n'),
    options: {},
    settings: [],
    run: async ({ args: [name, ...more], host, io }) => {
      const shell = SHELLS.find(one => one === name);
      if (!shell || more.length > 0) throw usageError('Usage: kvflow completion bash|zsh|fish');
      const { functions } = await host.manifest();
      io.print(completionScript(shell, { commands: await commands(), functions }));
      return EXIT.ok;
    },
  };
}

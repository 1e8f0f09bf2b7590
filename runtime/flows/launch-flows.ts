import type { EditorLogin } from './admin-auth.ts';
import type { FlowsProcess } from './child-process.ts';
import { launch } from './child-process.ts';
import type { FlowsOptions } from './flows-options.ts';
import { limitedLog } from './limited-log.ts';
import { seedFlows } from './user-folder.ts';

/** How one process of the flows is started. */
export type LaunchOptions = FlowsOptions & {
  login: EditorLogin;
  safe: boolean;
  onFlows(running: boolean): void;
};

/** Starts a process of the flows, of the nodes in `pack`. Each has a key of its own, which ends with it. */
export async function launchFlows(pack: string, options: LaunchOptions): Promise<FlowsProcess> {
  const { userDir, access, login, entry, env, memoryMb, hangMs, onFlows } = options;
  await seedFlows(userDir, pack);
  const issued = access.issue();
  await issued.known;
  const api = { url: options.apiUrl(), key: issued.key };
  const process = await launch({
    entry,
    env,
    memoryMb,
    hangMs,
    order: { pack, userDir, safe: options.safe, api },
    answer: async (question, [name = '', key = '']) =>
      question === 'authenticate' ? login.authenticate(name, key) : login[question](name),
    onLog: limitedLog(options.log),
    onFlows,
  });
  void process.ended.then(issued.withdraw);
  return process;
}

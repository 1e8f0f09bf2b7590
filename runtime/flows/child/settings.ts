import type { FlowsOrder, Level, Question } from '../messages.ts';
import { FLOWS_HTTP_PATH, FLOWS_PATH } from '../paths.ts';
import { FLOW_FILE } from '../user-folder.ts';

/** Runs the functions on the NATS of the settings, for nodes with a connection of their own. */
export type JoinNats = (settings: never) => Promise<{ close(): Promise<void> }>;

/** What settings need beside the order. */
export interface SettingsParts {
  joinNats: JoinNats;
  ask(question: Question, args: string[]): Promise<unknown>;
  log(level: Level, text: string): void;
}

/** Node-RED's settings: its editor below /flows, the pack in its palette, its log in kvflow's. */
export function nodeRedSettings(
  { pack, userDir, safe, api }: FlowsOrder,
  { joinNats, ask, log }: SettingsParts,
): Record<string, unknown> {
  return {
    userDir,
    safeMode: safe,
    flowFile: FLOW_FILE,
    flowFilePretty: true,
    httpAdminRoot: FLOWS_PATH,
    httpNodeRoot: FLOWS_HTTP_PATH,
    nodesDir: [pack],
    paletteCategories: [
      'kvflow',
      'subflows',
      'common',
      'function',
      'network',
      'sequence',
      'parser',
      'storage',
    ],
    // Who may use the editor is kvflow's to say.
    adminAuth: {
      type: 'credentials',
      authenticate: (username: string, key: string) => ask('authenticate', [username, key]),
      users: (username: string) => ask('users', [username]),
      default: () => ask('default', []),
    },
    logging: { kvflow: { level: 'info', metrics: false, audit: false, handler: () => toLog(log) } },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: {
      page: { title: 'kvflow: flows' },
      header: { title: 'kvflow', image: null },
      projects: { enabled: false },
      tours: false,
    },
    // Found by the pack's nodes: their connection to the kvflow that runs them.
    kvflow: { ...api, joinNats },
  };
}

interface NodeRedLine {
  level: number;
  msg: unknown;
  type?: string;
  name?: string;
}

/** Node-RED's numbers for error and warn; smaller is worse. */
const ERROR = 20;
const WARN = 30;

function toLog(log: SettingsParts['log']): (line: NodeRedLine) => void {
  return ({ level, msg, type, name }) => {
    const from = type ? `[${type}${name ? `:${name}` : ''}] ` : '';
    const text = `Node-RED: ${from}${msg instanceof Error ? msg.message : String(msg)}`;
    if (level <= ERROR) log('error', text);
    else if (level <= WARN) log('warn', text);
    else log('info', text.trim());
  };
}

import { adminAuth } from './admin-auth.ts';
import type { FlowsLog, FlowsOptions } from './flows-options.ts';
import { FLOWS_HTTP_PATH, FLOWS_PATH } from './paths.ts';
import { FLOW_FILE } from './user-folder.ts';

/** Node-RED's settings: its editor below /flows, the pack in its palette, its log in ours. */
export function nodeRedSettings(pack: string, options: FlowsOptions): Record<string, unknown> {
  const { userDir, access, log, invoke, joinNats } = options;
  return {
    userDir,
    safeMode: options.mode === 'safe',
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
    adminAuth: adminAuth(access),
    logging: { kvflow: { level: 'info', metrics: false, audit: false, handler: () => toLog(log) } },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: {
      page: { title: 'kvflow: flows' },
      header: { title: 'kvflow', image: null },
      projects: { enabled: false },
      tours: false,
    },
    // Found by the pack's nodes: their connection to the kvflow around them.
    kvflow: { invoke, joinNats },
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

function toLog(log: FlowsLog): (line: NodeRedLine) => void {
  return ({ level, msg, type, name }) => {
    const from = type ? `[${type}${name ? `:${name}` : ''}] ` : '';
    const text = `Node-RED: ${from}${msg instanceof Error ? msg.message : String(msg)}`;
    if (level <= ERROR) log.error(text);
    else if (level <= WARN) log.warn(text);
    else log.info(text.trim());
  };
}

/** What was typed is not lost, and what cannot be read is not sent: as an admin meets it, in a real browser. */
import { amounts } from './never-lose/amounts.ts';
import { drafts } from './never-lose/drafts.ts';
import { finding } from './never-lose/finding.ts';
import { logIn } from './never-lose/log-in.ts';
import { names } from './never-lose/names.ts';
import { tabs } from './never-lose/tabs.ts';
import { openDashboard } from './support/dashboard.ts';
import { followStreams } from './support/streams.ts';

const open = openDashboard();

const streams = followStreams();

amounts(open);
drafts(open);
names(open);
finding(open);
logIn(open);
tabs(open, streams);

/** Every page with data in it, in both colours, by keyboard; and with texts that would run if they were taken for programs. */
import { accessible } from './every-page/accessible.ts';
import { keyboard } from './every-page/keyboard.ts';
import { markup } from './every-page/markup.ts';
import { openRecognizing } from './support/recognizing.ts';

const dashboard = openRecognizing();

accessible(dashboard);
keyboard(dashboard);
markup(dashboard);

import type { FastifyPluginAsync } from 'fastify';
import { HOME_HTML } from '../pages/home-html.ts';
import { servePage } from './pages.ts';

/** GET /: where to go from here. The dashboard takes its place. */
export function homeRoute(): FastifyPluginAsync {
  return async app => servePage(app, [{ url: '/', type: 'text/html', text: HOME_HTML }]);
}

import { Anchor, type AnchorProps } from '@mantine/core';
import type { MouseEvent, ReactNode } from 'react';
import { navigate } from './location.ts';

/** Follows a link within the dashboard, unless the click asks for a new tab or window. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  navigate(event.currentTarget.getAttribute('href') ?? '');
}

/** A link to a page of the dashboard; `to` is made by `pathTo`. */
export function Link({
  to,
  children,
  ...props
}: AnchorProps & { to: string; children: ReactNode; title?: string; 'aria-label'?: string }) {
  return (
    <Anchor href={to} onClick={follow} {...props}>
      {children}
    </Anchor>
  );
}

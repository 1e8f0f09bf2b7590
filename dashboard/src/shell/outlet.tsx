import { Center, Loader } from '@mantine/core';
import { Suspense, useEffect, useRef } from 'react';
import { PageHeader } from '../components/page-header.tsx';
import { visibleText } from '../lib/visible-text.ts';
import { matchPage, titleOf } from '../pages/pages.ts';
import { Link } from '../router/link.tsx';
import { pathTo, useParts } from '../router/location.ts';
import { ErrorBoundary } from './error-boundary.tsx';

/** The open page: its title, and the focus where it belongs after one came from another page. */
export function Outlet() {
  const parts = useParts();
  const matched = matchPage(parts);
  const title = matched ? titleOf(matched) : 'Not found';
  const address = parts.join('\n');
  const first = useRef(true);
  useEffect(() => {
    document.title = `${visibleText(title)} · kvflow`;
  }, [title]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another page is opened
  useEffect(() => {
    // The browser places the focus of a page it has just loaded.
    if (!first.current) focusHeading();
    first.current = false;
  }, [address]);
  if (!matched) return <NoPage />;
  const { page, params } = matched;
  return (
    <ErrorBoundary key={address}>
      <Suspense fallback={<Waiting />}>
        <page.Component params={params} />
      </Suspense>
    </ErrorBoundary>
  );
}

function focusHeading(): void {
  scrollTo({ top: 0 });
  document.getElementById('main')?.focus({ preventScroll: true });
}

function Waiting() {
  return (
    <Center h={200}>
      <Loader role="img" size="sm" aria-label="Loading" />
    </Center>
  );
}

function NoPage() {
  return (
    <PageHeader
      title="There is no such page"
      subtitle={
        <>
          The address may be cut off.{' '}
          <Link to={pathTo('buckets')} inherit underline="always">
            Show all buckets
          </Link>
        </>
      }
    />
  );
}

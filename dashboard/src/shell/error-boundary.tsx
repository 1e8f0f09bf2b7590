import { Component, type ReactNode } from 'react';
import { ErrorNotice } from '../components/error-notice.tsx';
import { isNotLoaded } from '../lib/failed-loads.ts';
import { NotLoaded } from './not-loaded.tsx';

/** Shows what went wrong in a page in the page's place. React asks for a class here. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    if (isNotLoaded(error)) return <NotLoaded error={error} />;
    return (
      <ErrorNotice
        error={error}
        title="This page has failed"
        onRetry={() => this.setState({ error: undefined })}
      />
    );
  }
}

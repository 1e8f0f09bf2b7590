import { Text } from '@mantine/core';
import type { WrittenBy as By } from '../../../contract/written-by.ts';
import { visibleText } from '../lib/visible-text.ts';

/** Who wrote: the name of the API key, and in italics what the caller said of itself. Nothing where nobody is known. */
export function WrittenBy({ by }: { by: By | undefined }) {
  if (!by) return null;
  const { key, script, host, flow, node } = by;
  const proven = [key !== undefined && `key ${key}`, script !== undefined && `script ${script}`];
  const claimed = [host, flow, node].filter(text => text !== undefined).map(visibleText);
  const sure = proven.filter(text => text !== false).map(visibleText);
  return (
    <Text span inherit title={claimed.length > 0 ? 'In italics: as the caller says' : undefined}>
      {sure.join(' · ')}
      {sure.length > 0 && claimed.length > 0 && ' · '}
      {claimed.length > 0 && <em>{claimed.join(' › ')}</em>}
    </Text>
  );
}

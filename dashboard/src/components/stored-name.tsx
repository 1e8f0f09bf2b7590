import { visibleParts, visibleText } from '../lib/visible-text.ts';

/** A name that somebody stored, such as a key: each character of it can be seen, and none moves those around it. */
export function StoredName({ name, empty, className }: { name: string; empty?: string; className?: string }) {
  const parts = visibleParts(name);
  return (
    <bdi className={className} title={visibleText(name)}>
      {name === '' && empty}
      {parts.map(({ text, marked, at }) =>
        marked ? (
          <span key={at} className="unseen">
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </bdi>
  );
}

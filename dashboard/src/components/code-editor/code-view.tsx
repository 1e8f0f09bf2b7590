import { EditorHost } from './editor-host.tsx';
import { type Language, setup } from './setup.ts';

/** What an editor is given. */
export interface CodeViewProps {
  value: string;
  /** Missing: it can only be read. */
  onChange?: (value: string) => void;
  language?: Language;
  /** For those who cannot see it. */
  label: string;
  /** CSS length. Default 240px. */
  height?: string | number;
}

/** Loaded by `CodeEditor` alone. */
export default function CodeView({ value, onChange, language = 'text', label, height }: CodeViewProps) {
  const readOnly = onChange === undefined;
  return (
    <EditorHost
      value={value}
      onChange={onChange}
      height={height}
      identity={JSON.stringify([language, readOnly, label])}
      extensions={() => setup({ language, readOnly, label, length: value.length })}
    />
  );
}

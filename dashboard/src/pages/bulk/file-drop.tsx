import { Button, FileButton, Group, Text } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { formatBytes } from '../../lib/format.ts';
import classes from './bulk.module.css';

/** Takes a file, dropped or chosen. */
export function FileDrop({
  file,
  onFile,
  disabled,
}: {
  file: File | undefined;
  onFile(file: File | undefined): void;
  disabled: boolean;
}) {
  const [over, setOver] = useState(false);
  const reset = useRef<() => void>(null);
  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped && !disabled) onFile(dropped);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside is the way for the keyboard
    <div
      className={classes.drop}
      data-over={over || undefined}
      data-drop
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileImport size={26} stroke={1.4} aria-hidden />
      <Text size="sm" className="wrap">
        {file ? (
          <>
            <span className="mono">{file.name}</span>, {formatBytes(file.size)}
          </>
        ) : (
          'Drop a file of lines of JSON here'
        )}
      </Text>
      <Group gap="xs">
        <FileButton
          resetRef={reset}
          onChange={chosen => {
            // The same file, changed meanwhile, can be chosen again.
            reset.current?.();
            if (chosen) onFile(chosen);
          }}
          accept=".ndjson,.jsonl,.json,.txt,application/x-ndjson"
          disabled={disabled}
          inputProps={{ 'aria-label': 'File to import' }}
        >
          {props => (
            <Button {...props} variant="default" size="compact-sm">
              {file ? 'Choose another file' : 'Choose a file'}
            </Button>
          )}
        </FileButton>
        {file && !disabled && (
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => onFile(undefined)}>
            Remove
          </Button>
        )}
      </Group>
    </div>
  );
}

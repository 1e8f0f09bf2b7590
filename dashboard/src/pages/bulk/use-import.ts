import { useEffect, useRef, useState } from 'react';
import type { KvBucketCreateInput } from '../../../../contract/types.gen.ts';
import { codeOf } from '../../api/api-error.ts';
import { invoke } from '../../api/invoke.ts';
import { refreshFunctions } from '../../api/use-invoke.ts';
import type { ImportProgress, ImportTarget } from './import-file.ts';
import { importFile } from './import-file.ts';
import type { ExportHeader } from './parse-line.ts';
import type { Scan } from './scan-file.ts';
import { scanFile } from './scan-file.ts';

/** How the import itself stands. */
export type ImportState =
  | { kind: 'idle' }
  | { kind: 'running'; progress: ImportProgress | undefined }
  | { kind: 'done'; progress: ImportProgress; cancelled: boolean }
  | { kind: 'failed'; progress: ImportProgress | undefined; error: unknown };

/** A file that is looked through, and then imported. */
export interface Import {
  file: File | undefined;
  scan: Scan | undefined;
  state: ImportState;
  choose(file: File | undefined): void;
  start(target: ImportTarget, create: ExportHeader | undefined): Promise<void>;
  cancel(): void;
}

/** Keeps it while the page is shown; what runs is ended with it. */
export function useImport(): Import {
  const [file, setFile] = useState<File>();
  const [scan, setScan] = useState<Scan>();
  const [state, setState] = useState<ImportState>({ kind: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  return { file, scan, state, choose, start, cancel: () => running.current?.abort() };

  function begin(): AbortSignal {
    running.current?.abort();
    running.current = new AbortController();
    return running.current.signal;
  }

  function choose(chosen: File | undefined): void {
    const signal = begin();
    setFile(chosen);
    setScan(undefined);
    setState({ kind: 'idle' });
    if (!chosen) return;
    scanFile(chosen, setScan, signal).catch(error => {
      if (!signal.aborted) setState({ kind: 'failed', progress: undefined, error });
    });
  }

  async function start(target: ImportTarget, create: ExportHeader | undefined): Promise<void> {
    if (!file) return;
    const signal = begin();
    let last: ImportProgress | undefined;
    setState({ kind: 'running', progress: undefined });
    const onProgress = (progress: ImportProgress) => {
      last = progress;
      if (!signal.aborted) setState({ kind: 'running', progress });
    };
    try {
      if (create) await makeBucket(target.bucket, create);
      const progress = await importFile(file, target, { onProgress, signal });
      setState({ kind: 'done', progress, cancelled: false });
    } catch (error) {
      setState(
        signal.aborted && last
          ? { kind: 'done', progress: last, cancelled: true }
          : { kind: 'failed', progress: last, error },
      );
    }
    void refreshFunctions('kv-bucket-list', 'kv-bucket-info', 'kv-key-list');
  }
}

/** Makes the bucket as the exported one was, unless it is there already. */
async function makeBucket(bucket: string, { options }: ExportHeader): Promise<void> {
  try {
    await invoke('kv-bucket-info', { bucket });
  } catch (error) {
    if (codeOf(error) !== 'BUCKET_NOT_FOUND') throw error;
    // A copy stands on its own: it does not mirror what the exported bucket mirrored.
    const { mirror: _mirror, sources: _sources, ...own } = options;
    await invoke('kv-bucket-create', { ...own, bucket } as KvBucketCreateInput);
  }
}

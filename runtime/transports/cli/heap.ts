import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow to twice what is alive in it before it is cleared again. By itself V8 lets it become several times as
 * large where the machine has much memory: with identify over HTTP 100 MiB more (bench identify-http). Less costs puts over HTTP
 * more than a twentieth of their speed (bench:builds). To be called before anything is loaded.
 */
export function growHeapSlowly(): void {
  setFlagsFromString('--heap-growing-percent=100');
}

/** Lets the heap grow as V8 has it again: for what much goes through and little stays, clearing it often takes longer than the work. */
export function growHeapFreely(): void {
  setFlagsFromString('--heap-growing-percent=0');
}

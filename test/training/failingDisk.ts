/**
 * A disk that fails at the n-th operation: it is full, reports an error, writes half of what it was given, or is gone from then on.
 *
 * Node's own functions are wrapped, so that the code under test runs as it is. Counted are the operations on files below one
 * folder: opening, writing, flushing, closing, renaming, removing, making folders.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { sep } from "node:path";

/**
 * `half`: a write puts half of its bytes on the disk before the disk is full; other operations report an error.
 * `gone`: likewise, and nothing after it has any effect: what is then on the disk is what a killed process leaves.
 */
export type Failure = "no space" | "error" | "half" | "gone";
export const FAILURES: readonly Failure[] = ["no space", "error", "half", "gone"];

export interface FailingDisk {
  /** What was asked for so far: "open last.safetensors", … */
  readonly operations: readonly string[];
  /** Puts Node's functions back. */
  restore(): void;
}

export interface FailingDiskOptions {
  readonly folder: string;
  /** Which operation fails, counted from 0; Infinity: none. */
  readonly at: number;
  readonly failure: Failure;
  /** Called where the failure happens, after the half of a write. */
  readonly onFailure?: () => void;
}

/** Writes `part` of what the operation was to write. */
type WriteHalf = (part: Uint8Array) => unknown;

export function failingDisk({ folder, at, failure, onFailure }: FailingDiskOptions): FailingDisk {
  const operations: string[] = [];
  const undo: (() => void)[] = [];
  const concerns = (path: unknown): path is string =>
    typeof path === "string" && (path === folder || path.startsWith(folder + sep));
  /** The error with which this operation fails, if it does. */
  const next = (name: string, path: string): Error | undefined => {
    const number = operations.push(`${name} ${path.slice(folder.length + 1)}`) - 1;
    if (number < at || (number > at && failure !== "gone")) return undefined;
    const code = failure === "no space" || (failure === "half" && name === "write") ? "ENOSPC" : "EIO";
    return Object.assign(new Error(`${code}: the disk fails at operation ${number}, ${name}`), { code });
  };
  const fail = async (error: Error, half?: () => unknown): Promise<never> => {
    await half?.();
    onFailure?.();
    throw error;
  };
  const failSync = (error: Error, half?: () => unknown): never => {
    half?.();
    onFailure?.();
    throw error;
  };
  /** Half of the bytes, where the failure is of that kind and this operation the first to fail. */
  const halfOf = (content: string | Uint8Array, write: WriteHalf): (() => unknown) | undefined => {
    if ((failure !== "half" && failure !== "gone") || operations.length - 1 !== at) return undefined;
    const bytes = Buffer.from(content as Uint8Array);
    return () => write(bytes.subarray(0, bytes.length >> 1));
  };
  const replace = <Owner extends object, Key extends keyof Owner>(
    owner: Owner,
    key: Key,
    wrap: (sound: Owner[Key]) => Owner[Key],
  ): void => {
    const sound = owner[key];
    owner[key] = wrap(sound);
    undo.push(() => (owner[key] = sound));
  };

  for (const name of ["renameSync", "rmSync", "mkdirSync"] as const) {
    replace(fs, name, (sound) => {
      const wrapped = (path: string, ...rest: unknown[]): unknown => {
        const error = concerns(path) ? next(name.replace("Sync", ""), path) : undefined;
        return error ? failSync(error) : (sound as (...all: unknown[]) => unknown)(path, ...rest);
      };
      return wrapped as never;
    });
  }
  /** Files that were opened below the folder, by their descriptors. */
  const paths = new Map<number, string>();
  replace(fs, "openSync", (sound) => (path, ...rest) => {
    const error = concerns(path) ? next("open", path) : undefined;
    if (error) return failSync(error);
    const descriptor = sound(path, ...rest);
    if (concerns(path)) paths.set(descriptor, path);
    return descriptor;
  });
  replace(fs, "fsyncSync", (sound) => (descriptor) => {
    const path = paths.get(descriptor);
    const error = path === undefined ? undefined : next("flush", path);
    return error ? failSync(error) : sound(descriptor);
  });
  replace(fs, "closeSync", (sound) => (descriptor) => {
    const path = paths.get(descriptor);
    paths.delete(descriptor);
    const error = path === undefined ? undefined : next("close", path);
    sound(descriptor); // a failing close gives the descriptor back all the same
    if (error) failSync(error);
  });
  let nested = false; // appending and writing whole files call one another, and open and close by themselves
  for (const name of ["writeFileSync", "appendFileSync"] as const) {
    replace(fs, name, (sound) => {
      const plain = sound as (target: unknown, content: unknown, ...rest: unknown[]) => void;
      const wrapped = (target: string | number, content: string | Uint8Array, ...rest: unknown[]): void => {
        const path = typeof target === "number" ? paths.get(target) : target;
        const error = !nested && concerns(path) ? next("write", path) : undefined;
        nested = true;
        try {
          if (error)
            failSync(
              error,
              halfOf(content, (part) => plain(target, part, ...rest)),
            );
          plain(target, content, ...rest);
        } finally {
          nested = false;
        }
      };
      return wrapped as never;
    });
  }
  for (const name of ["rename", "rm"] as const) {
    replace(fs.promises, name, (sound) => {
      const wrapped = async (path: string, ...rest: unknown[]): Promise<unknown> => {
        const error = concerns(path) ? next(name, path) : undefined;
        return error ? fail(error) : (sound as (...all: unknown[]) => unknown)(path, ...rest);
      };
      return wrapped as never;
    });
  }
  replace(fs.promises, "open", (sound) => async (path, ...rest) => {
    if (!concerns(path)) return sound(path, ...rest);
    const error = next("open", path);
    if (error) return fail(error);
    const handle = await sound(path, ...rest);
    replace(handle, "sync", (flush) => async () => {
      const failed = next("flush", path);
      return failed ? fail(failed) : flush.call(handle);
    });
    replace(handle, "close", (close) => async () => {
      const failed = next("close", path);
      await close.call(handle);
      if (failed) await fail(failed);
    });
    replace(handle, "write", (write) => {
      const plain = write as (...all: unknown[]) => Promise<unknown>;
      const wrapped = async (bytes: Uint8Array, offset: number, length: number): Promise<unknown> => {
        const failed = next("write", path);
        const given = bytes.subarray(offset, offset + length);
        return failed
          ? fail(
              failed,
              halfOf(given, (part) => plain.call(handle, part)),
            )
          : plain.call(handle, bytes, offset, length);
      };
      return wrapped as never;
    });
    return handle;
  });
  syncBuiltinESMExports();

  const restore = (): void => {
    for (const putBack of undo.reverse()) putBack();
    syncBuiltinESMExports();
  };
  return { operations, restore };
}

/** Faults in what is read from the disk and written to it: containers, pair files, safetensors, checkpoints, settings. */
import type { Fault } from "../fault.js";

export const filesFaults: readonly Fault[] = [
  {
    name: "trust the header of a container without looking at the length of the file",
    file: "src/data/readIpk.ts",
    find: "if (bytes.length !== header.bytes) {",
    replace: "if (bytes.length > header.bytes) {",
    caughtBy: "fire/ipk",
  },
  {
    name: "unzip a container to whatever length it has",
    file: "src/data/readIpkFile.node.ts",
    find: "{ whole: true, limit: bytes }",
    replace: "{ whole: true }",
    caughtBy: "fire/ipk",
  },
  {
    name: "let a record go on after the end of its file",
    file: "src/data/recordio/framing.ts",
    find: "if (next > bytes.length) return { needed: next };",
    replace: "",
    caughtBy: "fire/recordIO",
  },
  {
    name: "let a pickle call functions that are not on the list",
    file: "src/data/pickle/globals.ts",
    find: "if (found) return found;",
    replace: 'return found ?? new Global("encode");',
    caughtBy: "fire/pairFiles",
  },
  {
    name: "copy a text that a pickle encodes again and again without end",
    file: "src/data/pickle/globals.ts",
    find: "budget.bytes -= text.length;",
    replace: "",
    caughtBy: "fire/pairFiles",
  },
  {
    name: "make room for the header that the first eight bytes announce, however short the file",
    file: "src/training/safetensors.node.ts",
    find: "if (length > HEADER_LIMIT || 8 + length > size) {",
    replace: "if (length > HEADER_LIMIT) {",
    caughtBy: "fire/safetensors",
  },
  {
    name: "read a part of a tensor from its beginning",
    file: "src/training/safetensors.node.ts",
    find: "start + from + first * BYTES[dtype]",
    replace: "start + from",
    caughtBy: "training/safetensors",
  },
  {
    name: "forget the momentum of the class centers when a checkpoint is loaded",
    file: "src/training/checkpoint.node.ts",
    find: "for (const [name, store] of rows) await loadTable(file, PREFIX.optimizer + name, store);",
    replace: "",
    caughtBy: "training/checkpoint",
  },
  {
    name: "believe the progress that a checkpoint tells of",
    file: "src/training/checkpoint.node.ts",
    find: "step: z.int().min(0),",
    replace: "step: z.any(),",
    caughtBy: "fire/checkpoint",
  },
  {
    name: "go down into settings that have no counterpart, one level of the stack for each of theirs",
    file: "src/training/configuration.ts",
    find: "if (!isRecord(under) || !isRecord(over)) return (over === undefined ? under : over) as T;",
    replace: "if (!isRecord(over)) return (over === undefined ? under : over) as T;",
    caughtBy: "fire/configuration",
  },
  {
    name: "show a wrong setting whole, however deep its brackets are",
    file: "src/training/explainIssue.ts",
    find: "const text = outline(value, 3);",
    replace: "const text = JSON.stringify(value);",
    caughtBy: "fire/configuration",
  },
];

import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { faults } from "../../break-it/faults/index.js";
import { plant } from "../../break-it/projectCopy.js";

const project = fileURLToPath(new URL("../..", import.meta.url));

// `npm run break-it` shows that every fault is caught; this shows, in a moment, that every one can still be planted.
describe("planted faults", () => {
  for (const fault of faults) {
    it(`${fault.name}: fits ${fault.file}`, () => {
      const source = readFileSync(path.join(project, fault.file), "utf8");
      assert.notEqual(plant(fault, source), source);
      assert.ok(existsSync(path.join(project, `property-tests/${fault.caughtBy}.test.ts`)), fault.caughtBy);
    });
  }

  it("are told apart by their names, and by what they change", () => {
    for (const part of [
      faults.map(({ name }) => name),
      faults.map(({ file, find, replace }) => [file, find, replace].join("\n")),
    ]) {
      assert.deepEqual(part, [...new Set(part)]);
    }
  });

  it("are in every room that computes, reads or draws", () => {
    const rooms = new Set(faults.map(({ file }) => file.split("/")[1]));
    for (const room of ["tensor", "autograd", "nn", "ranks", "pfc", "crfiqa", "data", "evaluation", "training"]) {
      assert.ok(rooms.has(room), `no fault is planted in src/${room}`);
    }
  });
});

/** The disk fails at every single operation of a run, in every way: the run is resumed and ends as one that nothing disturbed. */
import { describe, it } from "node:test";
import { crashAndResume, endingOf, newFolder, trainOnFailingDisk } from "./crashedRuns.js";
import { FAILURES } from "./failingDisk.js";

const folder = await newFolder();
const { operations } = await trainOnFailingDisk(folder, Infinity, "error");
const whole = await endingOf(folder);

describe(`a run of ${operations.length} file operations`, () => {
  for (const failure of FAILURES) {
    it(`goes on to the same bytes where the disk fails (${failure}) at any of them`, async () => {
      for (let at = 0; at < operations.length; at++) await crashAndResume(at, failure, whole);
    });
  }
});

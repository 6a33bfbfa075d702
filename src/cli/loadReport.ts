/**
 * Reports are drawn with Observable Plot, some 400 modules that take half as long to load as all the rest of the command. So what draws is
 * loaded by those who draw, when they do; `pfc bench` and `pfc quality` load theirs in the same way.
 */
import type * as Report from "../training/report/writeReport.node.js";

export async function loadReport(): Promise<typeof Report> {
  return import("../training/report/writeReport.node.js");
}

/** An opened container as an image set: its label columns get names, the first one is the class. */
import type { HostImageSet } from "./ImageSet.js";
import type { IpkImages } from "./readIpk.js";

/**
 * A view of the container: images are unpacked when they are read. `columns` names the label columns in their order.
 *
 * @throws Error if the container has another number of label columns, or no column `class`.
 */
export function ipkImageSet(file: IpkImages, columns: readonly string[], name: string): HostImageSet {
  if (file.labelColumns !== columns.length) {
    throw new Error(
      `${file.name}: ${name} has ${columns.length} label columns (${columns.join(", ")}), ` +
        `but the header says ${file.labelColumns} (byte 24). Is it another data set's file?`,
    );
  }
  const named = Object.fromEntries(columns.map((column, k) => [column, file.label(k)]));
  const labels = named.class;
  const classes = labels.reduce((largest, label) => Math.max(largest, label), 0) + 1;
  const { count, height, width, channels, read } = file;
  return { name, count, height, width, channels, classes, labels, columns: named, measures: {}, read };
}

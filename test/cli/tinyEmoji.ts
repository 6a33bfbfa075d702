/** A folder as that of the emoji, of 16 things in six styles: every thing has a pattern of its own, every style a brightness. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { EMOJI_GROUPS, EMOJI_STYLES } from "../../src/data/emojiClasses.js";
import { ipkBytes } from "../data/miniatures.js";

const SIDE = 8;
const WORDS = "apple boat cloud drum eagle fork ghost hammer island jacket kite lemon moon nest orange piano".split(
  " ",
);

/** 12 things for training, 72 images; 4 for the test, 24 images. */
export const TINY_EMOJI = { side: SIDE, train: 72, trainClasses: 12, test: 24, testClasses: 4 } as const;

export async function writeTinyEmoji(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const classes = WORDS.map((name, i) => ({
    code: i.toString(16),
    name,
    group: EMOJI_GROUPS[0],
    keywords: [name, `${name}s`],
    split: i % 4 === 3 ? "test" : "train",
  }));
  await writeFile(join(folder, "emoji-classes.json"), JSON.stringify({ vendors: EMOJI_STYLES, classes }));
  for (const [style, name] of EMOJI_STYLES.entries()) {
    const labels = WORDS.map((_, label) => [label, style]);
    const sample = (label: number, channel: number, row: number, column: number): number =>
      (((label + 2) * (3 * row + 5 * column + channel) * 7) % 160) + 10 * style;
    const bytes = ipkBytes({ height: SIDE, width: SIDE, channels: 3, bits: 8, labels, sample });
    await writeFile(join(folder, `emoji-${name}.ipk.gz`), gzipSync(bytes));
  }
  return folder;
}

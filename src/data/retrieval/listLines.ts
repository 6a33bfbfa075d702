/** Lists of images as text: one image a line, columns between spaces. Lines are numbered as editors do, from 1. */

export interface ListLine {
  /** For messages: "Ebay_train.txt, line 3". */
  readonly where: string;
  readonly fields: readonly string[];
}

/** The lines that are not empty. @throws Error naming file and line where one has another number of columns. */
export function listLines(text: string, file: string, columns: readonly string[], headerLines: number): ListLine[] {
  const lines: ListLine[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (index < headerLines || trimmed === "") continue;
    const where = `${file}, line ${index + 1}`;
    const fields = trimmed.split(/\s+/);
    if (fields.length !== columns.length) {
      throw new Error(
        `${where}: a line has ${columns.length} columns (${columns.join(", ")}), this one has ${fields.length}: ${shown(trimmed)}.`,
      );
    }
    lines.push({ where, fields });
  }
  if (lines.length === 0) throw new Error(`${file}: the list names no image.`);
  return lines;
}

/** Classes are numbered below this: larger numbers are taken for damage. */
const CLASS_LIMIT = 2 ** 24;

/** A number of a class. @throws Error naming the line. */
export function classNumber(text: string, column: string, where: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < CLASS_LIMIT) return value;
  throw new Error(`${where}: ${column} is a whole number below ${CLASS_LIMIT}, found ${shown(text)}.`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** The file `property` beside a `.rec`: one line `classes,height,width`. */

export interface RecordProperty {
  readonly classes: number;
  readonly height: number;
  readonly width: number;
}

/** Beyond this a number is damage: 2^24 is where labels, which are float32, stop being exact. */
const LARGEST = 2 ** 24;

/** @throws Error unless the text is three whole numbers from 1 on. */
export function parseRecordProperty(text: string, name: string): RecordProperty {
  const fields = text.trim().split(",", 4);
  const [classes, height, width] = fields.map((field) => (/^\s*\d{1,8}\s*$/.test(field) ? Number(field) : NaN));
  if (fields.length !== 3 || ![classes, height, width].every((value) => value >= 1 && value <= LARGEST)) {
    throw new Error(
      `${name}: it is one line "classes,height,width" of whole numbers in 1 .. ${LARGEST}, but reads ${JSON.stringify(text.slice(0, 60))}.`,
    );
  }
  return { classes, height, width };
}

export function formatRecordProperty({ classes, height, width }: RecordProperty): string {
  return `${classes},${height},${width}\n`;
}

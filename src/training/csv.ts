/** Tables as text: RFC 4180. */

/** One line of fields, its end included; a field that is not there is empty. */
export function csvLine(fields: readonly (string | number | undefined)[]): string {
  return `${fields.map(field).join(",")}\r\n`;
}

/** Section 2: what holds a comma, a quote or the end of a line is quoted, and quotes in it are doubled. */
function field(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

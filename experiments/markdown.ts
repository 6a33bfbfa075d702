/** The pieces that the pages of experiments are written of. */

export function markdownSection(title: string, body: string): string {
  return `## ${title}\n\n${body}`;
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

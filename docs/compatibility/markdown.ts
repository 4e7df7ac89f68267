// Tables of Markdown, and values as they stand in one.

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** JSON as a person would write it in a sentence. */
export function shown(value: unknown): string {
  return `\`${JSON.stringify(value).replaceAll('":', '": ').replaceAll(',"', ', "')}\``;
}

// `orderBy` as a column and a direction: "id desc", "total_fee asc". Pure. It went into the query there as it came; here a column that is not
// one of the list changes nothing.
export type Columns<Row> = Record<string, (row: Row) => string | number | bigint>;

/** The order that is asked for; `undefined` for the list's own. */
export function rawOrderOf<Row>(orderBy: string | undefined, columns: Columns<Row>): ((a: Row, b: Row) => number) | undefined {
  const [, column = '', direction = 'asc'] = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(orderBy ?? '') ?? [];
  const cellOf = Object.hasOwn(columns, column) ? columns[column] : undefined;
  if (!cellOf) return undefined;
  const sign = direction.toLowerCase() === 'asc' ? 1 : -1;
  return (a, b) => sign * compare(cellOf(a), cellOf(b));
}

function compare<Value extends string | number | bigint>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

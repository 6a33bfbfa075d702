/**
 * Where the rows of tables that lie beside each other are: banks, each with a range of rows of every table.
 *
 * A range of the centers has its optimizer state in the same bank, so that one kernel can walk over both. Banks belong to the
 * tables in them and are closed with the last one.
 */
import { Bank } from "./bank.js";
import { Heap, PAGE_BYTES, largestClass } from "./heap.js";
import type { Team } from "./team.js";

/** A range of one table takes this share of a bank: there is room for both moments of Adam and for as much working memory, such as cosines that are kept. */
const TABLE_SHARE = 1 / 4;

export interface RowRange {
  readonly bank: Bank;
  readonly first: number;
  readonly rows: number;
}

/** A range of one table, one row behind the other from that address of the bank on. */
export interface RowPart extends RowRange {
  readonly pointer: number;
}

export class RowBanks {
  private tables = 0;

  private constructor(
    readonly ranges: readonly RowRange[],
    private readonly owned: boolean,
  ) {}

  /** All rows in a bank that stays open: for a small table. */
  static within(bank: Bank, rows: number): RowBanks {
    return new RowBanks([{ bank, first: 0, rows }], false);
  }

  /** As few banks as can be, with ranges as equal as can be. rowBytes: of the largest of the tables. bankBytes: the most of one bank. */
  static open(team: Team, rows: number, rowBytes: number, bankBytes: number): RowBanks {
    const parts = Math.max(1, Math.ceil(rows / mostRows(rowBytes, bankBytes)));
    const each = Math.ceil(rows / parts);
    const ranges: RowRange[] = [];
    for (let first = 0; first < rows; first += each) {
      const bank = new Bank(team, new Heap(bankBytes / PAGE_BYTES, "exact"));
      ranges.push({ bank, first, rows: Math.min(each, rows - first) });
    }
    return new RowBanks(ranges, true);
  }

  /** A table moves in. */
  join(): void {
    this.tables++;
  }

  /** A table moves out; it has released its memory. */
  leave(): void {
    if (--this.tables === 0 && this.owned) Bank.close(this.ranges.map(({ bank }) => bank));
  }
}

/** Rows of which all tables and the working memory fit into a bank, blocks being as large as the heap cuts them. */
function mostRows(rowBytes: number, bankBytes: number): number {
  return Math.max(1, Math.floor(largestClass(bankBytes * TABLE_SHARE) / rowBytes));
}

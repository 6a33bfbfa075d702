/** A terminal for tests: takes what is written to it and shows the screen as a person would see it in the end. */
import { Writable } from "node:stream";

export class Terminal extends Writable {
  readonly isTTY = true;
  readonly columns = 80;
  private readonly rows: string[][] = [[]];
  private row = 0;
  private column = 0;

  /** The lines on the screen, without spaces at their ends. */
  screen(): string[] {
    return this.rows.map((row) =>
      Array.from(row, (character) => character ?? " ")
        .join("")
        .trimEnd(),
    );
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // escape sequences with one number, carriage return, line feed, and characters
    for (const [text, mark, number, command] of chunk.toString().matchAll(/\u001b\[(\??)(\d*)([A-Za-z])|[^]/gu)) {
      if (command !== undefined) {
        if (mark === "") this.obey(command, number);
      } else if (text === "\r") this.column = 0;
      else if (text === "\n") [this.row, this.column] = [this.row + 1, 0];
      else this.line()[this.column++] = text;
    }
    done();
  }

  private line(): string[] {
    return (this.rows[this.row] ??= []);
  }

  /** Cursor to a column, cursor up, erase in the line: all that a progress bar of one line needs. */
  private obey(command: string, number: string): void {
    if (command === "G") this.column = Number(number || 1) - 1;
    else if (command === "A") this.row = Math.max(0, this.row - Number(number || 1));
    else if (command === "K") this.line().splice(number === "2" ? 0 : this.column);
    else throw new Error(`this terminal does not know the command ${command}`);
  }
}

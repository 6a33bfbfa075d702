/** How many bytes of tables of rows may stay on the device, and how many do. */
export class ResidentTables {
  private taken = 0;

  constructor(private readonly most: number) {}

  fit(bytes: number): boolean {
    return this.taken + bytes <= this.most;
  }

  take(bytes: number): void {
    this.taken += bytes;
  }

  giveBack(bytes: number): void {
    this.taken -= bytes;
  }
}

/**
 * What went wrong on a device, for good. A GPU reports errors later than it is called and computes zeros meanwhile, so once it has, nothing
 * that comes from it is to be trusted; nor after it was lost.
 */
export class Health {
  private trouble: string | undefined;

  constructor(private readonly adapter: string) {}

  /** Of several the first is kept: the others follow from it. */
  note(trouble: string): void {
    this.trouble ??= trouble;
  }

  /** @throws Error if anything went wrong since the engine was opened. */
  assertSound(): void {
    if (this.trouble === undefined) return;
    throw new Error(
      `the device ${this.adapter} ${this.trouble}; what it computes is not to be trusted any more: open a new engine`,
    );
  }
}

/**
 * Disjoint pools of things to draw from: what is drawn can be taken out and put back, each in constant time.
 *
 * The members of a pool lie side by side in one array, those that are left in front; taking one out exchanges it with the last that is left.
 */
import type { Random } from "../../tensor/random.js";

export class Pools {
  /** Members, pool after pool, [N'] */
  private readonly members: Int32Array;
  /** Where each member lies in it, −1 of those that are in no pool, [N] */
  private readonly place: Int32Array;
  /** Where each pool begins, [pools] */
  private readonly first: Int32Array;
  /** How many of each pool are left, [pools] */
  private readonly left: Int32Array;

  /** @param poolOf the pool of 0 .. N−1, in 0 .. pools−1, or −1 for none, [N] */
  constructor(
    private readonly poolOf: Int32Array,
    pools: number,
  ) {
    this.left = new Int32Array(pools);
    for (const pool of poolOf) if (pool >= 0) this.left[pool]++;
    this.first = new Int32Array(pools);
    for (let pool = 1; pool < pools; pool++) this.first[pool] = this.first[pool - 1] + this.left[pool - 1];
    const next = this.first.slice();
    this.place = poolOf.map((pool) => (pool >= 0 ? next[pool]++ : -1));
    this.members = new Int32Array(this.left.reduce((sum, size) => sum + size, 0));
    for (const [member, place] of this.place.entries()) if (place >= 0) this.members[place] = member;
  }

  /** Members of the pool that are left; 0 of a pool that there is not. */
  size(pool: number): number {
    return this.left[pool] ?? 0;
  }

  /** One of those that are left, each equally likely; it stays. The pool must not be empty. */
  draw(pool: number, random: Random): number {
    return this.members[this.first[pool] + random.integer(this.left[pool])];
  }

  /** Takes a member out of its pool, if it is in one. */
  remove(member: number): void {
    if (!this.has(member)) return;
    this.exchange(member, this.first[this.poolOf[member]] + --this.left[this.poolOf[member]]);
  }

  /** Puts a member that was taken out back into its pool. */
  restore(member: number): void {
    if (this.poolOf[member] < 0 || this.has(member)) return;
    this.exchange(member, this.first[this.poolOf[member]] + this.left[this.poolOf[member]]++);
  }

  private has(member: number): boolean {
    const pool = this.poolOf[member];
    return pool >= 0 && this.place[member] < this.first[pool] + this.left[pool];
  }

  private exchange(member: number, place: number): void {
    const [own, other] = [this.place[member], this.members[place]];
    this.members[own] = other;
    this.place[other] = own;
    this.members[place] = member;
    this.place[member] = place;
  }
}

/**
 * The margins a second time, as functions of the angle θ alone: what the properties compare the library's functions of cos θ with.
 *
 * Nothing is shared with the sources: no cos(a + b) is taken apart, no cosine is taken back to an angle.
 */
import type { MarginChoice } from "../arbitraries/margins.js";

/** f(θ) and df/d cos θ, both before the scale. */
interface ByAngle {
  readonly value: (theta: number) => number;
  readonly slope: (theta: number) => number;
  /** θ is held this far away from 0 and π, where the slope is infinite; the slope is 0 there. */
  readonly held: number;
  /** The angle from which on another formula holds. */
  readonly kink: number;
}

/** A cosine is held 1e-7 away from ±1, which is this far in angle. */
export const HELD = Math.acos(1 - 1e-7);

export function byAngle(choice: MarginChoice): ByAngle {
  switch (choice.kind) {
    case "cosFace":
      return { ...plain, value: (theta) => Math.cos(theta) - choice.margin };
    case "arcFace":
      return arcFaceByAngle(choice.margin, choice.gradient, choice.beyondPi);
    case "general":
      return generalByAngle(...choice.triple);
    case "combined": {
      const [, m2, m3] = choice.triple;
      return m3 > 0
        ? { ...plain, value: (theta) => Math.cos(theta) - m3 }
        : arcFaceByAngle(m2, "straight-through", "wrap");
    }
  }
}

const plain: ByAngle = { value: Math.cos, slope: () => 1, held: 0, kink: Math.PI };

function arcFaceByAngle(m: number, gradient: "exact" | "straight-through", beyondPi: "affine" | "wrap"): ByAngle {
  const kink = Math.PI - m;
  const tail = (theta: number): boolean => beyondPi === "affine" && theta >= kink;
  const value = (theta: number): number => (tail(theta) ? Math.cos(theta) - m * Math.sin(m) : Math.cos(theta + m));
  if (gradient === "straight-through") return { value, slope: () => 1, held: 0, kink };
  const slope = (theta: number): number => (tail(theta) ? 1 : Math.sin(theta + m) / Math.sin(theta));
  return held({ value, slope, kink });
}

function generalByAngle(m1: number, m2: number, m3: number): ByAngle {
  return held({
    value: (theta) => Math.cos(m1 * theta + m2) - m3,
    slope: (theta) => (m1 * Math.sin(m1 * theta + m2)) / Math.sin(theta),
    kink: Math.PI,
  });
}

function held({ value, slope, kink }: Omit<ByAngle, "held">): ByAngle {
  return {
    value: (theta) => value(Math.min(Math.PI - HELD, Math.max(HELD, theta))),
    slope: (theta) => (theta < HELD || theta > Math.PI - HELD ? 0 : slope(theta)),
    held: HELD,
    kink,
  };
}

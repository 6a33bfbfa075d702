/** Fixtures `lr-schedules`: the rate in force at every step. Schedules know no engine, so every engine gives the same. */
import { multiStep, oneCycle, polynomial, type Schedule } from "../../../src/nn/schedules.js";
import { toValues, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** One row a step, one column a group; a single group may be recorded without the columns. */
function table(fixture: Fixture, schedules: readonly Schedule[]): Plan {
  const { shape } = toValues(fixture.expected.outputs.lr_used_at_step, "outputs.lr_used_at_step");
  const steps = Array.from({ length: shape[0] }, (_, step) => schedules.map((schedule) => schedule(step)));
  const layOut = (rows: number[][]): Values => ({
    shape: shape.length === 1 && schedules.length === 1 ? [rows.length] : [rows.length, schedules.length],
    data: Float64Array.from(rows.flat()),
  });
  const momentum = steps.map((groups) => groups.map((group) => group.momentum ?? NaN));
  return {
    run: () => ({
      outputs: {
        lr_used_at_step: layOut(steps.map((groups) => groups.map(({ rate }) => rate))),
        ...(momentum.flat().some(Number.isNaN) ? {} : { momentum_or_beta1_used_at_step: layOut(momentum) }),
      },
    }),
  };
}

function warmUpPolynomial(fixture: Fixture): Plan {
  const { params } = fixture;
  const options = {
    warmup: params.number("warmup_iters"),
    total: params.number("total_iters"),
    power: params.number("power"),
    firstStepAtFullRate: true, // the recorded code starts so
  };
  return table(
    fixture,
    params.numbers("base_lrs").map((rate) => polynomial({ rate, ...options })),
  );
}

function cycle(fixture: Fixture): Plan {
  const { params } = fixture;
  const total = params.number("epochs") * params.number("steps_per_epoch");
  const rising = params.number("pct_start");
  params.oneOf("optimizer", ["adamw", "sgd"]); // the same numbers are beta1 of one and momentum of the other
  return table(
    fixture,
    params.numbers("max_lr").map((rate) => oneCycle({ rate, total, rising })),
  );
}

function steps(fixture: Fixture): Plan {
  const { params } = fixture;
  const options = { milestones: params.numbers("milestones"), factor: params.number("gamma") };
  return table(fixture, [multiStep({ rate: params.number("base_lr"), ...options })]);
}

export const schedules: Family = { lr_poly_warmup: warmUpPolynomial, lr_one_cycle: cycle, lr_multistep: steps };

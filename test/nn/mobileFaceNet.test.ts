import { describe, it } from "node:test";
import {
  MobileFaceNet,
  mobileFaceNetLargeSpecification,
  mobileFaceNetSpecification,
} from "../../src/nn/mobileFaceNet.js";
import { assertManifest } from "./architectures.js";

describe("MobileFaceNet", () => {
  it("has the parameters of the published network", () => {
    assertManifest(new MobileFaceNet(mobileFaceNetSpecification()), "mobilefacenet");
  });

  it("has the parameters of the published large network", () => {
    assertManifest(new MobileFaceNet(mobileFaceNetLargeSpecification()), "mobilefacenet_large");
  });
});

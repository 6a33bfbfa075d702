/** From the network of a configuration to its description, which has shapes and no memory yet. */
import { DescriptorNetwork } from "../cfcd/index.js";
import {
  IResNet,
  MobileFaceNet,
  ResNet,
  VisionTransformer,
  iresnetSpecification,
  mobileFaceNetLargeSpecification,
  mobileFaceNetSpecification,
  partialFcViTSpecification,
  resnetSpecification,
  smallIresnetSpecification,
  smallResnetSpecification,
  smallViTSpecification,
  unicomViTSpecification,
  type IResNetDepth,
  type Module,
  type PartialFcViTSize,
  type ResNetSpecification,
  type UnicomViTModel,
  type VisionTransformerSpecification,
} from "../nn/index.js";
import type { Configuration } from "./configuration.js";

/** What the data decides about the network. */
export interface ImageFormat {
  readonly channels: number;
  readonly side: number;
}

/** The backbone of a configuration, without memory. */
export function describeBackbone(network: Configuration["network"], format: ImageFormat): Module {
  const { channels, side } = format;
  const { kind, embedding, widths, blocks, stemStride, dropout } = network;
  switch (kind) {
    case "small":
      return new IResNet(smallIresnetSpecification({ side, channels, widths, blocks, stemStride, embedding, dropout }));
    case "mobilefacenet":
    case "mobilefacenet-large":
      checkPublished(kind, format, 112);
      return new MobileFaceNet(
        (kind === "mobilefacenet" ? mobileFaceNetSpecification : mobileFaceNetLargeSpecification)(embedding),
      );
    case "small-vit":
    case "vit-t":
    case "vit-s":
    case "vit-b":
    case "vit-l":
    case "unicom-vit-b32":
    case "unicom-vit-b16":
    case "unicom-vit-l14":
    case "unicom-vit-l14-336":
      return new VisionTransformer(visionTransformerOf(network, format));
    case "resnet50":
      return descriptorNetwork(network, resnetSpecification({ depth: 50, channels }));
    case "resnet101":
      return descriptorNetwork(network, resnetSpecification({ depth: 101, channels }));
    case "small-resnet": {
      const { lastStride } = network.resnet;
      return descriptorNetwork(network, smallResnetSpecification({ channels, widths, blocks, stemStride, lastStride }));
    }
    default: {
      const depth = Number(kind.slice("iresnet".length)) as IResNetDepth;
      return new IResNet(iresnetSpecification({ depth, input: { side, channels }, embedding, dropout }));
    }
  }
}

/** CFCD's network on that backbone. */
function descriptorNetwork(
  { embedding, resnet: { power, learnPower } }: Configuration["network"],
  specification: ResNetSpecification,
): DescriptorNetwork {
  const backbone = new ResNet(specification);
  return new DescriptorNetwork({ backbone, mapChannels: backbone.mapChannels, embedding, power, learned: learnPower });
}

const UNICOM_MODELS: Readonly<Record<string, UnicomViTModel>> = {
  "unicom-vit-b32": "ViT-B/32",
  "unicom-vit-b16": "ViT-B/16",
  "unicom-vit-l14": "ViT-L/14",
  "unicom-vit-l14-336": "ViT-L/14@336",
};

/** The specification of a vision transformer, with the rates that were given in place of the published ones. */
function visionTransformerOf(network: Configuration["network"], format: ImageFormat): VisionTransformerSpecification {
  const { kind, embedding, vit } = network;
  const { dropPath, maskRate, ...shape } = vit;
  const published = (): VisionTransformerSpecification => {
    if (kind === "small-vit") return smallViTSpecification({ ...format, ...shape, embedding, maskRate: maskRate ?? 0 });
    if (!Object.hasOwn(UNICOM_MODELS, kind)) {
      return partialFcViTSpecification({ size: kind.slice("vit-".length) as PartialFcViTSize, embedding });
    }
    return { ...unicomViTSpecification({ model: UNICOM_MODELS[kind] }), embedding };
  };
  const specification = published();
  checkPublished(kind, format, specification.side, specification.channels);
  return {
    ...specification,
    dropPath: dropPath ?? specification.dropPath,
    maskRate: maskRate ?? specification.maskRate,
  };
}

/** @throws Error unless images are of the size that the network was published for. */
function checkPublished(kind: string, format: ImageFormat, side: number, channels = 3): void {
  if (format.side === side && format.channels === channels) return;
  throw new Error(
    `network ${kind} is published for ${channels} channels and ${side} pixels; the images have ${format.channels} and ${format.side}.`,
  );
}

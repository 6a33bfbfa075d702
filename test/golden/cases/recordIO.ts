/** Fixtures `recordio`: files and headers byte by byte, written here and read back. Containers know no engine. */
import { readRecords, writeRecords } from "../../../src/data/recordio/framing.js";
import { readImageRecord, writeImageRecord, type ImageRecord } from "../../../src/data/recordio/imageRecord.js";
import { parseRecordIndex } from "../../../src/data/recordio/recordIndex.js";
import { imageKeys, packIdentities } from "../../../src/data/recordio/recordLayout.js";
import { parseRecordProperty } from "../../../src/data/recordio/recordProperty.js";
import { Exact, type Result } from "../compare.js";
import type { Family, Plan } from "../family.js";
import { Unsupported, type Fields, type Json } from "../fields.js";
import type { Fixture } from "../fixture.js";

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** A recorded file. */
function recorded(value: Json, encoding: "base64" | "hex" | "utf8"): Uint8Array {
  if (typeof value !== "string") throw new Unsupported("a recorded file is no text");
  return Buffer.from(value, encoding);
}

function texts(list: readonly Json[]): readonly string[] {
  if (!list.every((item) => typeof item === "string")) throw new Unsupported("a list holds other things than texts");
  return list;
}

/** What is written must be the recorded file, and the recorded file must read as what was written. */
function framing({ inputs, expected }: Fixture): Plan {
  const named = inputs.fields("payloads_base64");
  const payloads = named.keys().map((key) => recorded(named.text(key), "base64"));
  const file = recorded(expected.outputs.file_base64, "base64");
  return {
    run() {
      const { bytes, offsets } = writeRecords(payloads);
      const read = [...readRecords(file, "the recorded file")];
      const agrees = read.length === payloads.length && read.every(({ payload }, i) => same(payload, payloads[i]));
      return {
        outputs: {
          file_base64: new Exact(agrees ? base64(bytes) : `reads as ${read.map((r) => base64(r.payload)).join(", ")}`),
          offsets: new Exact(offsets),
          total_bytes: bytes.length,
        },
      };
    },
  };
}

function faceSet({ params, inputs, expected }: Fixture): Plan {
  const identities = inputs.list("identities").map((entry, label) => {
    const fields = inputs.within(`identities[${label}]`, entry);
    fields.oneOf("label", [label]); // identities are numbered in their order
    return texts(fields.list("images_utf8"));
  });
  const images = identities.flat();
  params.oneOf("num_ids", [identities.length]);
  params.oneOf("num_images", [images.length]);
  const file = recorded(expected.outputs.rec_base64, "base64");
  const indexText = recorded(expected.outputs.idx_text, "utf8");
  const property = String(expected.outputs.property_text);
  return {
    run() {
      const index = parseRecordIndex(indexText, "the recorded index");
      const recordOf = (key: number): ImageRecord => {
        const stored = [...readRecords(file, "the recorded file")].find(({ offset }) => offset === index.offsetOf(key));
        return readImageRecord(stored!.payload, `key ${key}`);
      };
      const zero = recordOf(0);
      const read = [...imageKeys(index, zero)].map((key) => Buffer.from(recordOf(key).image).toString("utf8"));
      const packed = packIdentities(
        identities.map((ofClass) => ofClass.map((text) => Buffer.from(text, "utf8"))),
        parseRecordProperty(property, "the recorded property"),
      );
      const agrees = read.join() === images.join();
      return {
        outputs: {
          rec_base64: new Exact(agrees ? base64(packed.rec) : `reads as ${read.join(", ")}`),
          idx_text: new Exact(packed.idx),
          property_text: new Exact(packed.property),
          header0: headerOf(zero),
        },
      };
    },
  };
}

function headerOf({ label, id, id2 }: ImageRecord): Result {
  const labels = typeof label === "number" ? [label] : [...label];
  return { flag: typeof label === "number" ? 0 : labels.length, label: labels, id: Number(id), id2: Number(id2) };
}

function header({ inputs, expected }: Fixture): Plan {
  const scalar = imageRecord(inputs.fields("scalar"), (fields) => fields.number("label"));
  const vector = imageRecord(inputs.fields("vector"), (fields) => Float32Array.from(fields.numbers("label")));
  const written = (record: ImageRecord, file: Json): Exact => {
    const read = readImageRecord(recorded(file, "hex"), "the recorded header");
    const agrees =
      JSON.stringify(headerOf(read)) === JSON.stringify(headerOf(record)) && same(read.image, record.image);
    return new Exact(
      agrees ? Buffer.from(writeImageRecord(record)).toString("hex") : "the recorded header reads otherwise",
    );
  };
  const { scalar_hex, vector_hex } = expected.outputs;
  return {
    run: () => ({ outputs: { scalar_hex: written(scalar, scalar_hex), vector_hex: written(vector, vector_hex) } }),
  };
}

function imageRecord(fields: Fields, labelOf: (fields: Fields) => ImageRecord["label"]): ImageRecord {
  return {
    label: labelOf(fields),
    id: BigInt(fields.number("id")),
    id2: BigInt(fields.number("id2")),
    image: recorded(fields.text("payload_utf8"), "utf8"),
  };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export const recordIOs: Family = { recordio: framing, insightface_recordio: faceSet, irheader: header };

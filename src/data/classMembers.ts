/** Which images show a class. */

/** The images of each class that occurs, rising; classes in the order in which they occur. */
export function classMembers(labels: Int32Array): Map<number, Int32Array> {
  const members = new Map<number, number[]>();
  for (const [image, label] of labels.entries()) {
    const known = members.get(label);
    if (known) known.push(image);
    else members.set(label, [image]);
  }
  return new Map(Array.from(members, ([label, images]) => [label, Int32Array.from(images)]));
}

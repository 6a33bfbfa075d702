/** CFCD: the network with its descriptors, margins that set themselves and the ones they are compared with, and the local descriptors that teach the global one. */
export { DescriptorNetwork, type Description, type DescriptorNetworkOptions } from "./descriptorNetwork.js";
export { madaCos, type MadaCosOptions } from "./madaCos.js";
export { adaCos } from "./adaCos.js";
export { curricular, type CurricularOptions } from "./curricular.js";
export { matchDescriptors, type Matches, type MatchOptions } from "./matchDescriptors.js";
export { localTriplets, type LocalTripletOptions, type LocalTriplets, type TupleMatches } from "./localTriplets.js";

/** CFCD: margins that set themselves, and the ones they are compared with. */
export { madaCos, type MadaCosOptions } from "./madaCos.js";
export { adaCos } from "./adaCos.js";
export { curricular, type CurricularOptions } from "./curricular.js";

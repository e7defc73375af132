export { emitGemm, type Gemm, type GemmOptions, gemmScratchBytes } from './gemm.ts';

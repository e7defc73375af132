export { emitGemm, type Gemm, type GemmOptions, gemmScratchBytes } from './gemm.ts';
export { emitSmallMatmul, isSmall, type SmallMatmulOptions } from './small.ts';

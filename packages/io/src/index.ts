export { decodeSafetensors, readSafetensors, type Safetensors } from './safetensors/decode.ts';
export { encodeSafetensors, type SafetensorsOptions } from './safetensors/encode.ts';
export { loadSafetensors, loadSafetensorsWithMetadata, saveSafetensors } from './safetensors/file.ts';

export { openSampleBatch, type SampleBatch, type SampleBatchOptions } from './samples/batch.ts';
export { type LeftSamples, openSamples, restoreSamples, type SampleRef, type SampleStore } from './samples/store.ts';

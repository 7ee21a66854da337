/** Named tensors in any of the formats that are read: safetensors, or a state dict of PyTorch's; the content tells which. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { decodeSafetensors, type Safetensors } from './safetensors.js';
import { decodeTorch, isTorch, withoutModule } from './torch.js';

/** A fault is one line. */
export const decodeTensors = (bytes: Uint8Array): E.Either<string, Safetensors> => pipe((isTorch(bytes) ? decodeTorch : decodeSafetensors)(bytes), E.map(withoutModule));

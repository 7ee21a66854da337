/** What reading and writing files may answer: one line that names the file or tensor and the way out. */
export interface IoError {
  readonly _tag: 'IoError';
  readonly path: string;
  readonly message: string;
}

export const ioError = (path: string, message: string): IoError => ({ _tag: 'IoError', path, message: `${path}: ${message}` });

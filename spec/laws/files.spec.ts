import { fileLaws } from './files.js';
import { specifyPure } from './specify.js';

specifyPure('files', fileLaws);

import { messageOf, OptionError } from './run/errors.ts';

/** A command line that cannot be meant: the program ends with exit code 2. */
export class UsageError extends Error {}

/** The result of `action`; a value that an option cannot have is an error of the command line. */
export function withOptions<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof OptionError ? new UsageError(`--${error.message}`) : error;
  }
}

/** What is wrong with a file, in words, where the system gave only a code: `no such file or folder` for ENOENT. */
export function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const known = 'code' in cause ? reasons[String(cause.code)] : undefined;
    if (known !== undefined) return known;
  }
  return messageOf(error);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'it is a file, not a folder',
  ENAMETOOLONG: 'the name is too long',
  ERR_FS_FILE_TOO_LARGE: 'the file is larger than 2 GB',
};

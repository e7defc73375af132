/** A command line that cannot be meant: the program ends with exit code 2. */
export class UsageError extends Error {}

/** Something outside of the program that keeps it from going on, such as a missing file: exit code 1. */
export class Failure extends Error {}

/** What is wrong with a file, in words, where the system gave only a code: `no such file or folder` for ENOENT. */
export function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const known = 'code' in cause ? reasons[String(cause.code)] : undefined;
    if (known !== undefined) return known;
  }
  return error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
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

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

// Preloaded into a receiver whose disk fails: fsync answers EIO for what DINSD_FAILING_SYNC names, files ("f") or
// folders
// ("d"), after the number of calls that follows: "d2" lets two folders through. No program that is shipped can do this.

extern "C" int fsync(int fd) {
  static std::atomic<int> calls = 0;
  const char* const what = std::getenv("DINSD_FAILING_SYNC");
  struct stat status {};
  if (what != nullptr && ::fstat(fd, &status) == 0 && (S_ISDIR(status.st_mode) ? 'd' : 'f') == what[0] &&
      calls++ >= std::atoi(what + 1)) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

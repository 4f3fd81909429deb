#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "tests/folders.h"

namespace dinsd {

/// How a command ended, and what it said on standard output and error.
struct Ran {
  int status = -1;
  std::string output;
};

/// `dins WORDS`, as a person calls it.
inline Ran Dins(const std::string& words) {
  const std::string line = std::string(kBuildFolder) + "/bin/dins " + words + " 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), [](FILE*) { return 0; });
  Ran ran;
  std::array<char, 4096> part{};
  while (const std::size_t n = fread(part.data(), 1, part.size(), pipe.get())) ran.output.append(part.data(), n);
  const int status = pclose(pipe.get());
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

}  // namespace dinsd

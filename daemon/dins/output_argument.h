#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dinsd {

/// Throws std::runtime_error that names `option` where `out`, which need not exist, lies in the folder `study` or is
/// it, links and mounts followed: inputs are never written to. A study that is a lone file has no folder of its own.
void RefuseInsideStudy(const std::string& option, const std::filesystem::path& out, const std::filesystem::path& study);

/// Throws std::runtime_error that names `option` where a file could not be written to `out` at the end of a long run:
/// its name ends with none of `endings`, its folder is not there or may not be written to, or it is a folder itself.
void CheckOutputFile(const std::string& option, const std::filesystem::path& out,
                     const std::vector<std::string>& endings);

}  // namespace dinsd

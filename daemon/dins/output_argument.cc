#include "daemon/dins/output_argument.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace dinsd {
namespace {

constexpr int kMostLinks = 40;

// Where a file of that name would be made: a link at its end is followed too, though nothing may be there yet.
std::filesystem::path PlaceOf(std::filesystem::path out) {
  std::error_code error;
  for (int link = 0; link < kMostLinks && std::filesystem::is_symlink(out, error); ++link) {
    out = out.parent_path() / std::filesystem::read_symlink(out, error);
  }
  return std::filesystem::weakly_canonical(std::filesystem::absolute(out));
}

}  // namespace

void RefuseInsideStudy(const std::string& option, const std::filesystem::path& out,
                       const std::filesystem::path& study) {
  std::error_code error;
  if (!std::filesystem::is_directory(study, error)) return;
  for (std::filesystem::path place = PlaceOf(out);; place = place.parent_path()) {
    if (std::filesystem::equivalent(place, study, error)) {
      throw std::runtime_error(option + ": " + out.string() + " lies in the study " + study.string() +
                               ", and inputs are never written to");
    }
    if (place == place.parent_path()) return;
  }
}

void CheckOutputFile(const std::string& option, const std::filesystem::path& out,
                     const std::vector<std::string>& endings) {
  const std::string name = out.filename().string();
  std::string list;
  for (const std::string& ending : endings) list += (list.empty() ? "" : " or ") + ending;
  const bool is_known = std::any_of(endings.begin(), endings.end(), [&](const std::string& ending) {
    return name.size() > ending.size() && name.ends_with(ending);
  });
  if (!is_known) throw std::runtime_error(option + ": '" + out.string() + "' does not end with " + list);
  std::error_code error;
  if (std::filesystem::is_directory(out, error))
    throw std::runtime_error(option + ": " + out.string() + " is a folder");
  const std::filesystem::path touched = std::filesystem::exists(out, error) ? out : out.parent_path() / ".";
  if (::access(touched.c_str(), W_OK) == 0) return;
  throw std::runtime_error(option + ": " + out.string() +
                           " cannot be written: " + std::generic_category().message(errno));
}

}  // namespace dinsd

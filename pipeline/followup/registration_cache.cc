#include "pipeline/followup/registration_cache.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "pipeline/followup/registration_file.h"
#include "pipeline/read/same_grid.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

struct Kept {
  fs::file_time_type used;
  fs::path file;
  std::uint64_t bytes = 0;
};

// Another process may remove one meanwhile.
std::vector<Kept> KeptIn(const fs::path& folder) {
  std::vector<Kept> all;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    Kept kept{at->last_write_time(gone), at->path(), 0};
    if (!gone && at->is_regular_file(gone)) kept.bytes = at->file_size(gone);
    if (!gone && kept.file.extension() == ".json") all.push_back(std::move(kept));
  }
  return all;
}

void Warn(const RegistrationCache& cache, const std::string& sentence) {
  if (cache.warn) cache.warn(sentence);
}

void Keep(const RegistrationCache& cache, const StudyRegistration& registration, const std::string& key) {
  try {
    fs::create_directories(cache.folder);
    std::string name = key;
    WriteRegistration(cache.folder / name.append(".json"), registration, key);
  } catch (const std::exception& error) {  // no room, say: it is made again the next time
    Warn(cache, std::string("the registration could not be kept: ") + error.what());
  }
  TrimCache(cache);
}

// Whether it brings a study over to `today`: its key says so, unless the file was damaged.
bool IsOf(const StudyVolumes& today, const StudyRegistration& registration) {
  constexpr double kToleranceMm = 1e-3;
  const std::size_t stations = today.parts.empty() ? 1 : today.parts.size();
  return registration.parts.size() == stations && IsSameGrid(registration.today.grid, today.whole.grid, kToleranceMm);
}

std::optional<StudyRegistration> FindKept(const RegistrationCache& cache, const std::string& key,
                                          const StudyVolumes& today) {
  std::string damage;
  std::optional<StudyRegistration> found = FindRegistration(cache.folder, key, &damage);
  if (found && !IsOf(today, *found)) {
    damage = "it is of another image";
    found.reset();
  }
  if (!damage.empty()) Warn(cache, "a registration that was kept is damaged and is made again: " + damage);
  return found;
}

}  // namespace

StudyRegistration RegisterOnce(const StudyVolumes& prior, const StudyVolumes& today, const RegistrationOptions& options,
                               const RegistrationCache& cache, const OnRegistrationProgress& progress) {
  if (!cache.IsThere()) return RegisterStudies(prior, today, options, progress);
  const std::string key = RegistrationKey(prior, today, options);
  if (std::optional<StudyRegistration> found = FindKept(cache, key, today)) {
    std::string name = key;
    std::error_code ignored;
    fs::last_write_time(cache.folder / name.append(".json"), fs::file_time_type::clock::now(), ignored);
    if (progress) (void)progress("found again", 1);
    return *std::move(found);
  }
  StudyRegistration registration = RegisterStudies(prior, today, options, progress);
  Keep(cache, registration, key);
  return registration;
}

void TrimCache(const RegistrationCache& cache) {
  std::vector<Kept> kept = KeptIn(cache.folder);
  std::sort(kept.begin(), kept.end(), [](const Kept& a, const Kept& b) { return a.used > b.used; });
  std::uint64_t bytes = 0;
  for (const Kept& one : kept) {
    bytes += one.bytes;
    std::error_code ignored;
    if (bytes > cache.bytes) fs::remove(one.file, ignored);
  }
}

}  // namespace dinsd

#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pipeline/followup/study_registration.h"

namespace dinsd {

/// What a registration is known by: SHA-256 over both studies' grids and voxels and the options that change the result
/// (thresholds of flags among them; the time limit is none, nor is a name or a path). Equal keys, equal result.
[[nodiscard]] std::string RegistrationKey(const StudyVolumes& prior, const StudyVolumes& today,
                                          const RegistrationOptions& options);

/// A registration as it was written, and the key that it had.
struct StoredRegistration {
  std::string key;
  StudyRegistration registration;
};

/// Writes a registration (dinsd-registration/1, JSON) so that it reads back bit by bit. The file is there whole or not
/// at all: it takes its name once it is on the disk, in place of one that was there. Throws std::system_error,
/// std::filesystem::filesystem_error, and std::invalid_argument where a number is not finite.
void WriteRegistration(const std::filesystem::path& path, const StudyRegistration& registration,
                       const std::string& key);

/// Throws InputError of ReadFileBytes, and REGISTRATION_FORMAT that names the file and what is wrong in it.
[[nodiscard]] StoredRegistration ReadRegistration(const std::filesystem::path& path);

/// The registration of that key in a folder of them (KEY.json), or nothing where there is none or it is damaged,
/// whatever reading it throws: then it is made again. `damage`, where one is given, gets why a file that is there is
/// not used, in words; else it stays as it is.
[[nodiscard]] std::optional<StudyRegistration> FindRegistration(const std::filesystem::path& folder,
                                                                const std::string& key, std::string* damage = nullptr);

}  // namespace dinsd

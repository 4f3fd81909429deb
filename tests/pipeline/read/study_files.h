#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "pipeline/read/digest.h"
#include "pipeline/read/study.h"
#include "tests/pipeline/read/nifti_bytes.h"
#include "tests/temp_folder.h"

// Files of a study, what becomes of them, and a study.json for one of them.

namespace dinsd {

inline std::string TextOf(const NiftiBytes& nifti) {
  return {reinterpret_cast<const char*>(nifti.bytes().data()), nifti.bytes().size()};
}

inline std::string DigestOf(const std::string& text) {
  return Sha256Hex(std::as_bytes(std::span(text.data(), text.size())));
}

inline const std::string kImage = TextOf(NiftiBytes());
inline const std::string kOther = TextOf(NiftiBytes().Set(352, std::int16_t{99}));
inline const std::string kBroken = kImage.substr(0, 100);

inline InspectedStudy Inspect(const TempFolder& folder, const std::string& wanted = "") {
  return InspectStudy(folder.path(), "study", ListStudyFiles(folder.path()), {.wanted_series_uid = wanted});
}

inline std::string ChoiceError(const InspectedStudy& study) {
  try {
    (void)ChosenImage(study);
    return "";
  } catch (const InputError& error) {
    return error.code();
  }
}

inline std::string InspectError(const TempFolder& folder) {
  try {
    (void)Inspect(folder);
    return "";
  } catch (const InputError& error) {
    return error.code();
  }
}

inline nlohmann::json Manifest(const std::string& name, const std::string& content) {
  return {{"schema", "dinsd-study/1"},
          {"patient", "P-17"},
          {"studyDate", "2024-03-02"},
          {"sequence", "STIR"},
          {"weightKg", 71.5},
          {"files",
           {{{"name", name},
             {"size", content.size()},
             {"sha256", DigestOf(content)},
             {"seriesInstanceUID", "1.2.3"},
             {"frameOfReferenceUID", "1.2.4"}}}}};
}

}  // namespace dinsd

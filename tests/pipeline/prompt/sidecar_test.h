#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "pipeline/prompt/pairing.h"
#include "tests/pipeline/prompt/prompts_document.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// A study whose sidecars a test writes into a folder.
class SidecarTest : public testing::Test {
 protected:
  SidecarTest() { study_.identity.study_uid = "1.2.3"; }

  void Write(const std::string& file, const nlohmann::json& document) {
    folder_.Write(file, document.dump());
    study_.prompt_files.push_back(file);
  }

  [[nodiscard]] std::optional<PairedPrompts> Find() const { return FindPrompts(folder_.path(), study_, {}); }

  /// The code of why they are refused; empty where they are not.
  [[nodiscard]] std::string Error() const {
    try {
      (void)Find();
      return "";
    } catch (const InputError& error) {
      return error.code();
    }
  }

  TempFolder folder_;
  InspectedStudy study_;
};

}  // namespace dinsd

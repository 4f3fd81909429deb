#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "gpu/voxel_types.h"
#include "model/npy.h"
#include "tests/test_data.h"

namespace dinsd {

/// One folder of what the published implementation did: its JSON and its arrays.
class Fixture {
 public:
  explicit Fixture(const std::string& name) : folder_(*TestData() / "dins_reference" / name) {
    std::ifstream in(folder_ / (name + ".json"));
    description_ = nlohmann::json::parse(in);
  }

  [[nodiscard]] const nlohmann::json& cases() const { return description_.at("cases"); }
  [[nodiscard]] NpyArray Array(const nlohmann::json& a_case, const std::string& key) const {
    return ReadNpy(folder_ / a_case.at("files").at(key).at("file").get<std::string>());
  }
  [[nodiscard]] NpyArray File(const std::string& name) const { return ReadNpy(folder_ / name); }

 private:
  std::filesystem::path folder_;
  nlohmann::json description_;
};

/// The last three axes of an array, or the first three of one with channels.
inline Size3 SizeOf(const NpyArray& array) {
  return {array.shape.at(0), array.shape.at(1), array.shape.at(2)};
}

}  // namespace dinsd

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/pipeline/read/dicom_maker.h"
#include "tests/program_output.h"

namespace dinsd {

// Standard programs of others: nothing that we write has an error, and nothing contradicts its study.

inline constexpr const char* kNoValidators = "dciodvfy or dcentvfy (dicom3tools) is not there";

inline bool HasValidators() {
  return std::system("command -v dciodvfy > /dev/null && command -v dcentvfy > /dev/null") == 0;
}

/// What a made series lacks that its study is to have.
inline void PutStudyOfAValidSeries(DcmDataset& data, int /*k*/) {
  for (const auto& [key, value] : std::vector<std::pair<DcmTagKey, std::string>>{{DCM_PatientSex, "F"},
                                                                                 {DCM_StudyTime, "120000"},
                                                                                 {DCM_StudyID, "1"},
                                                                                 {DCM_AccessionNumber, "7"},
                                                                                 {DCM_ReferringPhysicianName, ""}})
    Put(data, key, value);
}

/// dciodvfy has no error on any of the objects, dcentvfy nothing to say of them and the images below `root`.
inline void ExpectValid(const std::vector<std::filesystem::path>& objects, const std::filesystem::path& root,
                        const std::vector<std::string>& images) {
  std::string all;
  for (const std::filesystem::path& object : objects) {
    const std::string file = object.string();
    const std::string output = OutputOf("dciodvfy '" + file + "'");
    EXPECT_THAT(output, testing::Not(testing::HasSubstr("Error"))) << file;
    EXPECT_THAT(output, testing::Not(testing::IsEmpty())) << "it names what it takes the file for";
    all.append(" '").append(file).append("'");
  }
  for (const std::string& image : images) all.append(" '").append((root / image).string()).append("'");
  // What its tables say twice of one attribute is no fault of a file.
  EXPECT_EQ(OutputOf("dcentvfy" + all + " 2>&1 | grep -v 'AccessionNumber> IE <[SeriesStudy]*> versus'"), "");
}

}  // namespace dinsd

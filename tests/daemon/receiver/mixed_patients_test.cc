#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "pipeline/read/dicom_study.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/receiver/test_receiver.h"

// Many patients at once: no study is ever taken that has objects of two of them.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr int kAccepted = 2, kSuccess = 0;
constexpr int kPatients = 40, kStudiesOfEach = 2, kSlices = 25;  // 2,000 objects

struct Sent {
  std::string instance, data_set;
};

// Two studies of each patient. All are named alike in groups of four, so that a name tells nobody apart. In every third
// study one object bears the identifier of another patient; in every fifth an instance comes again with other pixels;
// in every seventh all of them come twice.
class Crowd {
 public:
  Crowd() {
    for (int study = 0; study < kPatients * kStudiesOfEach; ++study) AddStudy(study);
  }

  [[nodiscard]] const std::vector<Sent>& objects() const { return objects_; }
  [[nodiscard]] std::size_t in_conflict() const { return in_conflict_; }

 private:
  void AddStudy(int study) {
    const int patient = study / kStudiesOfEach;
    const bool is_swapped = study % 3 == 0, is_reused = study % 5 == 1;
    for (int k = 0; k < kSlices; ++k) {
      const bool is_others = is_swapped && k == kSlices / 2;
      Add(study, k, is_others ? (patient + 1) % kPatients : patient, patient, false);
      if (study % 7 == 2) objects_.push_back(objects_.back());
    }
    if (is_reused) Add(study, 4, patient, patient, true);
    in_conflict_ += is_swapped || is_reused ? 1 : 0;
  }

  void Add(int study, int k, int patient, int named, bool has_other_pixels) {
    const std::string uid = std::string("1.2.3.").append(std::to_string(study));
    const std::string instance = uid + ".1." + std::to_string(k);
    objects_.push_back({instance, MadeDataSet(k, [&](DcmDataset& data) {
                          Put(data, DCM_StudyInstanceUID, uid);
                          Put(data, DCM_SeriesInstanceUID, uid + ".1");
                          Put(data, DCM_SOPInstanceUID, instance);
                          Put(data, DCM_PatientID, std::string("P").append(std::to_string(patient)));
                          Put(data, DCM_PatientName, std::string("Doe^Jane").append(std::to_string(named / 4)));
                          if (has_other_pixels) WithOtherPixels()(data);
                        })});
  }

  std::vector<Sent> objects_;
  std::size_t in_conflict_ = 0;
};

std::vector<fs::path> FilesOf(const fs::path& study) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(study)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(study));
  }
  return files;
}

std::set<std::string> PatientsOf(const fs::path& study) {
  std::set<std::string> patients;
  for (const fs::path& file : FilesOf(study)) {
    DcmFileFormat object;
    OFString patient;
    EXPECT_TRUE(object.loadFile((study / file).c_str()).good());
    object.getDataset()->findAndGetOFString(DCM_PatientID, patient);
    patients.insert(patient.c_str());
  }
  return patients;
}

TEST(MixedPatients, NoStudyIsTakenThatHasObjectsOfTwoPatients) {
  constexpr unsigned kSeed = 7;
  const Crowd crowd;
  std::vector<Sent> objects = crowd.objects();
  std::mt19937 random(kSeed);
  std::shuffle(objects.begin(), objects.end(), random);
  ASSERT_GE(objects.size(), 2000U);
  TestReceiver receiver;
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  for (const Sent& object : objects) ASSERT_EQ(peer.Store(object.instance, object.data_set), kSuccess);
  ASSERT_EQ(receiver.Studies().size(), static_cast<std::size_t>(kPatients * kStudiesOfEach));
  std::size_t quarantined = 0;
  for (const fs::path& folder : receiver.Studies()) {
    const std::vector<fs::path> files = FilesOf(folder);
    const DicomStudy study = InspectDicomStudy(files, folder, {}, {});
    if (study.error) {
      EXPECT_EQ(study.error->code(), "IDENTITY_CONFLICT");
      EXPECT_EQ(study.error->verdict(), InputVerdict::kQuarantined);
      ++quarantined;
    } else {
      EXPECT_EQ(PatientsOf(folder).size(), 1U);
      EXPECT_EQ(files.size(), static_cast<std::size_t>(kSlices));
    }
  }
  EXPECT_EQ(quarantined, crowd.in_conflict());
}

}  // namespace
}  // namespace dinsd

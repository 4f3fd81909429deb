#include "pipeline/followup/prior_objects.h"

#include <dcmtk/dcmdata/dcuid.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/write/result_folder.h"
#include "tests/pipeline/write/made_result.h"
#include "tests/temp_folder.h"

// Which DICOM objects show the lesions of a published result.

namespace dinsd {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

class PriorObjectsTest : public testing::Test {
 protected:
  void Publish(const DicomOutputOptions& options) {
    const std::optional<DicomOutput> dicom = made.Output(options);
    (void)WriteResultFolder(folder.path(), made.result, made.result.volume, {"7", 1, "2026-01-01T00:00:00Z", "dinsd"},
                            std::string(64, 'a'), dicom ? &*dicom : nullptr);
  }

  // Of the lesions of labels 1, 2 and 3, and of one that is not there.
  [[nodiscard]] std::vector<std::vector<ObjectPart>> Objects(const std::filesystem::path& images = {}) const {
    std::vector<PriorLesion> lesions(4);
    for (std::size_t n = 0; n < lesions.size(); ++n) {
      lesions[n].label = static_cast<std::uint16_t>(n + 1);
      lesions[n].objects = {{"9", "9", "9", "9", 9}};
    }
    NameObjects({folder.path(), "", images, "made"}, {}, lesions);
    std::vector<std::vector<ObjectPart>> objects;
    for (PriorLesion& lesion : lesions) objects.push_back(lesion.objects);
    return objects;
  }

  static ObjectPart PartIn(const std::filesystem::path& root, const std::string& file, std::int64_t number) {
    const DicomLayout object = PrescanDicom(ReadFileBytes(root, file, 1 << 30), file);
    return {object.study_uid, object.series_uid, object.sop_class_uid, object.sop_instance_uid, number};
  }

  // Says that the mask was made from `file` beside the images, its regions 5 and 6, and from a label file.
  void SayImported(const std::string& file, const std::string& uid) {
    ImportedMask& mask = made.result.imported.emplace();
    mask.files = {{file, "", uid}, {"image.mask.nii.gz", "", ""}};
    mask.lesions = {{.id = "L1", .number = 5}, {.id = "L2", .number = 6}, {.id = "L3", .number = 1, .file = 1}};
  }

  TempFolder folder;
  MadeResult made{3};
};

TEST_F(PriorObjectsTest, ASegmentationGoesBeforeAStructureSet) {
  Publish({});
  const std::vector<std::vector<ObjectPart>> objects = Objects();
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_THAT(objects[n], ElementsAre(PartIn(folder.path(), "dicom/seg.dcm", static_cast<std::int64_t>(n + 1))));
    EXPECT_EQ(objects[n][0].sop_class_uid, UID_SegmentationStorage);
    EXPECT_EQ(objects[n][0].study_uid, made.result.study.identity.study_uid);
  }
  EXPECT_THAT(objects[3], IsEmpty()) << "no object shows it";
}

TEST_F(PriorObjectsTest, ASegmentationInPartsNamesThePartThatHasTheLesion) {
  DicomOutputOptions options;
  options.max_segments = 2;
  Publish(options);
  const std::vector<std::vector<ObjectPart>> objects = Objects();
  std::set<std::string> instances;
  for (std::size_t n = 0; n < 3; ++n) {
    ASSERT_EQ(objects[n].size(), 1U);
    instances.insert(objects[n][0].sop_instance_uid);
    EXPECT_LE(objects[n][0].number, 2);
  }
  EXPECT_EQ(instances.size(), 2U);
}

TEST_F(PriorObjectsTest, AStructureSetIsTakenWhereThereIsNoSegmentation) {
  DicomOutputOptions options;
  options.seg = false;
  Publish(options);
  EXPECT_THAT(Objects()[1], ElementsAre(PartIn(folder.path(), "dicom/rtstruct.dcm", 2)));
}

TEST_F(PriorObjectsTest, WithoutObjectsOfItsOwnThereIsWhatItWasImportedFrom) {
  const std::string image = made.result.image.files.front();  // stands for the object: only its header is looked at
  SayImported(image, PartIn(made.root(), image, 0).sop_instance_uid);
  Publish({.seg = false, .sr = false, .rtstruct = false});
  const std::vector<std::vector<ObjectPart>> objects = Objects(made.root());
  EXPECT_THAT(objects[0], ElementsAre(PartIn(made.root(), image, 5)));
  EXPECT_THAT(objects[1], ElementsAre(PartIn(made.root(), image, 6)));
  EXPECT_THAT(objects[2], IsEmpty()) << "from a file that is no DICOM";
  EXPECT_THAT(Objects(folder.path()), Each(IsEmpty())) << "the images are gone";
}

TEST_F(PriorObjectsTest, AnObjectThatWasReplacedIsNotNamed) {
  SayImported(made.result.image.files.front(), "1.2.3.4");
  Publish({.seg = false, .sr = false, .rtstruct = false});
  EXPECT_THAT(Objects(made.root()), Each(IsEmpty()));
}

TEST_F(PriorObjectsTest, AResultThatCannotBeReadRefusesNothing) {
  EXPECT_THAT(Objects(), Each(IsEmpty())) << "there is none";
  std::ofstream(folder.path() / "result.json") << R"({"files": 3})";
  EXPECT_NO_THROW((void)Objects());
  std::ofstream(folder.path() / "result.json") << "{}";
  EXPECT_THAT(Objects(), Each(IsEmpty()));
}

}  // namespace
}  // namespace dinsd

#include "pipeline/read/dicom_prescan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/pipeline/read/dicom_maker.h"
#include "tests/pipeline/read/raw_dicom.h"
#include "tests/random.h"

namespace dinsd {
namespace {

constexpr const char* kExplicitUid = "1.2.840.10008.1.2.1";
constexpr std::uint32_t kUndefined = 0xFFFFFFFF;
constexpr std::uint32_t kSequence = 0x00081140;

DicomLayout Scan(const std::string& bytes, const DicomPrescanLimits& limits = {}) {
  return PrescanDicom(std::as_bytes(std::span(bytes)), "a.dcm", limits);
}

std::string CodeOf(const RawDicom& file, const DicomPrescanLimits& limits = {}) {
  const DicomLayout layout = Scan(file.text(), limits);
  return layout.error ? layout.error->code() : "fine";
}

RawDicom Good() {
  return RawDicom::Part10(kExplicitUid).AddUids();
}

TEST(DicomPrescan, FindsWhatAFileHolds) {
  const std::string bytes = MakeSlice(0);
  const DicomLayout layout = Scan(bytes);
  ASSERT_FALSE(layout.error) << layout.error->what();
  EXPECT_EQ(layout.transfer_syntax, kExplicitUid);
  EXPECT_EQ(layout.sop_class_uid, UID_MRImageStorage);
  EXPECT_EQ(layout.sop_instance_uid, "1.2.3.4.1");
  EXPECT_EQ(layout.study_uid, "1.2.3");
  EXPECT_EQ(layout.series_uid, "1.2.3.4");
  EXPECT_EQ(layout.frame_of_reference_uid, "1.2.3.9");
  ASSERT_TRUE(layout.has_pixels);
  EXPECT_EQ(layout.pixel_bytes, 2U * kMadeColumns * kMadeRows);
  EXPECT_EQ(layout.pixel_offset + layout.pixel_bytes, bytes.size());
  EXPECT_EQ(static_cast<unsigned char>(bytes[layout.pixel_offset + 2]), MadePixel(1, 0, 0));
}

TEST(DicomPrescan, TakesDataSetsWithoutFileMetaForWhatTheyLookLike) {
  using Encoding = RawDicom::Encoding;
  for (const auto& [encoding, uid] : {std::pair{Encoding::kExplicit, kExplicitUid},
                                      {Encoding::kImplicit, "1.2.840.10008.1.2"},
                                      {Encoding::kBigEndian, "1.2.840.10008.1.2.2"}}) {
    const DicomLayout layout = Scan(RawDicom(encoding).AddUids().text());
    EXPECT_FALSE(layout.error) << uid << layout.error->what();
    EXPECT_EQ(layout.transfer_syntax, uid);
    EXPECT_EQ(layout.series_uid, "1.2.3.4");
  }
  const std::string whole = Good().text();
  EXPECT_FALSE(Scan(whole.substr(132)).error) << "file meta information without a preamble";
}

TEST(DicomPrescan, CallsOtherFilesNotDicom) {
  for (const std::string& bytes :
       {std::string(), std::string("short"), std::string(500, '\0'), std::string(5000, 'x'),
        std::string(128, '\0') + "DICM", std::string(128, '\0') + "DICMabcdefghijkl", Good().text().substr(1)}) {
    ASSERT_TRUE(Scan(bytes).error);
    EXPECT_EQ(Scan(bytes).error->code(), "NOT_DICOM");
  }
}

TEST(DicomPrescan, RefusesALengthBeyondWhatHoldsIt) {
  EXPECT_EQ(CodeOf(Good().Header(0x00100010, "PN", 9).Bytes("Doe^Jane")), "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Header(0x7FE00010, "OW", 0xFFFFFFF0).Bytes("pixels")), "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Bytes("\x10\x00")), "LENGTH_OVERRUN") << "half a header";
  EXPECT_EQ(CodeOf(Good().Header(0x00100010, "PN", 0).Bytes(std::string("\x10\x00\x20\x00OB\0\0", 8))),
            "LENGTH_OVERRUN")
      << "a header of 8 of its 12 bytes";
  // An element that leaves its item, an item that leaves its sequence, though the file is long enough.
  EXPECT_EQ(
      CodeOf(Good().Header(kSequence, "SQ", 24).Item(16).Header(0x00080060, "CS", 20).Bytes(std::string(40, ' '))),
      "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Header(kSequence, "SQ", 16).Item(20).Bytes(std::string(40, ' '))), "LENGTH_OVERRUN");
}

TEST(DicomPrescan, RefusesMissingAndStrayDelimiters) {
  EXPECT_EQ(CodeOf(Good().Header(kSequence, "SQ", kUndefined).Item().EndItem().EndSequence()), "fine");
  EXPECT_EQ(CodeOf(Good().Header(kSequence, "SQ", kUndefined).Item().EndItem()), "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Header(kSequence, "SQ", kUndefined).Item().EndSequence()), "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().EndSequence()), "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Item(0)), "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Header(kSequence, "SQ", kUndefined).Add(0x00080060, "CS", "MR").EndSequence()),
            "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Header(0x00080060, "UT", kUndefined).EndSequence()), "LENGTH_OVERRUN");
  EXPECT_EQ(CodeOf(Good().Header(0x7FE00010, "OW", kUndefined).Item(0).EndSequence()), "LENGTH_OVERRUN")
      << "fragments in an uncompressed file";
}

RawDicom Nested(int depth, RawDicom file) {
  for (int i = 0; i < depth; ++i) file.Header(kSequence, "SQ", kUndefined).Item();
  for (int i = 0; i < depth; ++i) file.EndItem().EndSequence();
  return file;
}

// Sequences of defined length within each other, innermost first.
std::string NestedInUn(int depth) {
  std::string inner;
  for (int i = 0; i < depth; ++i) {
    RawDicom level(RawDicom::Encoding::kImplicit);
    const auto size = static_cast<std::uint32_t>(inner.size());
    inner = level.Header(0x00091001, "", size + 8).Item(size).Bytes(inner).text();
  }
  return inner;
}

TEST(DicomPrescan, RefusesDeepNestingInEveryGuise) {
  EXPECT_EQ(CodeOf(Nested(64, Good())), "fine");
  EXPECT_EQ(CodeOf(Nested(65, Good())), "NESTING_TOO_DEEP");
  EXPECT_EQ(CodeOf(Nested(40'000, Good())), "NESTING_TOO_DEEP");
  const auto implicit = RawDicom::Encoding::kImplicit;
  EXPECT_EQ(CodeOf(Nested(65, RawDicom(implicit).AddUids())), "NESTING_TOO_DEEP");
  EXPECT_EQ(CodeOf(RawDicom(implicit).AddUids().Bytes(NestedInUn(65))), "NESTING_TOO_DEEP") << "private elements";
  EXPECT_EQ(CodeOf(Good().Header(0x00091010, "UN", kUndefined).Item().Bytes(NestedInUn(64)).EndItem()),
            "NESTING_TOO_DEEP");
}

TEST(DicomPrescan, RefusesValueRepresentationsThatDicomHasNot) {
  EXPECT_EQ(CodeOf(Good().Header(0x00100010, "XX", 0)), "NONSTANDARD_VR");
  EXPECT_EQ(CodeOf(Good().Header(0x00100010, "??", 0)), "NONSTANDARD_VR");
  EXPECT_EQ(CodeOf(RawDicom::Part10(kExplicitUid, RawDicom::Encoding::kImplicit).AddUids()), "NONSTANDARD_VR");
  std::string meta = Good().text();
  meta.replace(132 + 4, 2, "ZZ");
  EXPECT_EQ(Scan(meta).error->code(), "NOT_DICOM") << "the file meta information begins with nonsense";
  const std::string two = std::string(128, '\0') + "DICM" +
                          RawDicom().Add(0x00020002, "UI", "1.2").Header(0x00020003, "Q_", 0).AddUids().text();
  EXPECT_EQ(Scan(two).error->code(), "NONSTANDARD_VR");
}

TEST(DicomPrescan, HasLimits) {
  DicomPrescanLimits limits;
  limits.max_elements = 6;
  EXPECT_EQ(CodeOf(Good().Add(0x00080060, "CS", "MR"), limits), "fine");
  EXPECT_EQ(CodeOf(Good().Add(0x00080060, "CS", "MR").Add(0x00080070, "LO", "x"), limits), "LIMIT_EXCEEDED");
  limits = {};
  limits.max_header_bytes = 200;
  EXPECT_EQ(CodeOf(Good().Add(0x7FE00010, "OW", std::string(1000, 'p')), limits), "fine");
  EXPECT_EQ(CodeOf(Good().Add(0x00091001, "OB", std::string(1000, 'p')), limits), "LIMIT_EXCEEDED");
  limits = {};
  limits.max_file_bytes = 100;
  EXPECT_EQ(CodeOf(Good(), limits), "LIMIT_EXCEEDED");
}

TEST(DicomPrescan, ChecksUids) {
  const auto with_study = [](const std::string& uid) {
    return RawDicom::Part10(kExplicitUid)
        .Add(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4")
        .Add(0x00080018, "UI", "1.2.3.4.1")
        .Add(0x0020000D, "UI", uid)
        .Add(0x0020000E, "UI", "1.2.3.4");
  };
  EXPECT_EQ(CodeOf(with_study(std::string(64, '1'))), "fine");
  for (const std::string& uid : {std::string(), std::string(65, '1'), std::string("../../evil"), std::string("1.2.a"),
                                 std::string("1.2\0.3", 6), std::string("1 2"), std::string(" 1.2")}) {
    EXPECT_EQ(CodeOf(with_study(uid)), "BAD_UID") << uid;
  }
  EXPECT_EQ(CodeOf(RawDicom::Part10(kExplicitUid).Add(0x00080016, "UI", "1.2")), "BAD_UID") << "missing";
  EXPECT_EQ(CodeOf(Good().Add(0x00200052, "UI", "x")), "BAD_UID");
  EXPECT_EQ(CodeOf(Good().Add(0x0020000D, "UI", "1.2.4")), "BAD_UID") << "twice, with another value";
}

TEST(DicomPrescan, AcceptsNoDeflatedDataSet) {
  EXPECT_EQ(CodeOf(RawDicom::Part10("1.2.840.10008.1.2.1.99").Bytes("compressed")), "UNDECODABLE");
}

TEST(DicomPrescan, KnowsADirectory) {
  const std::string bytes = std::string(128, '\0') + "DICM" +
                            RawDicom()
                                .Add(0x00020002, "UI", "1.2.840.10008.1.3.10")
                                .Add(0x00020010, "UI", kExplicitUid)
                                .Add(0x00041130, "CS", "SET")
                                .text();
  EXPECT_FALSE(Scan(bytes).error);
  EXPECT_TRUE(Scan(bytes).is_directory);
}

TEST(DicomPrescan, MeasuresEncapsulatedPixelsAndLeavesIconsAlone) {
  RawDicom file = RawDicom::Part10("1.2.840.10008.1.2.5").AddUids();
  file.Header(0x00880200, "SQ", kUndefined).Item().Header(0x7FE00010, "OB", kUndefined).Item(0).EndSequence();
  file.EndItem().EndSequence();
  const std::size_t pixels = file.text().size() + 12;
  file.Header(0x7FE00010, "OB", kUndefined).Item(0).Item(4).Bytes("abcd").EndSequence();
  const DicomLayout layout = Scan(file.text());
  ASSERT_FALSE(layout.error) << layout.error->what();
  EXPECT_TRUE(layout.is_encapsulated);
  EXPECT_EQ(layout.pixel_offset, pixels);
  EXPECT_EQ(layout.pixel_bytes, 8U + 8 + 4 + 8);
  EXPECT_EQ(CodeOf(file.Add(0x7FE00010, "OB", "")), "LENGTH_OVERRUN") << "PixelData twice";
}

TEST(DicomPrescan, KnowsTheClassOfAFileThatBreaksLater) {
  const DicomLayout layout = Scan(Good().Header(0x00100010, "XX", 0).text());
  EXPECT_TRUE(layout.error);
  EXPECT_EQ(layout.sop_class_uid, "1.2.840.10008.5.1.4.1.1.4");
}

TEST(DicomPrescan, SurvivesEveryPrefix) {
  const std::string bytes = MakeSlice(0);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const DicomLayout layout = Scan(bytes.substr(0, size));
    EXPECT_TRUE(layout.error || !layout.has_pixels) << size << " of " << bytes.size();
  }
}

TEST(DicomPrescan, SurvivesRandomDamage) {
  TestRandom random(20260203);
  const std::string nested = Nested(3, Good()).text(), slice = MakeSlice(0);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = round % 2 == 0 ? nested : slice;
    for (int flips = 0; flips < 1 + round % 8; ++flips) {
      bytes[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size())))] ^=
          static_cast<char>(1 << random.Below(8));
    }
    const DicomLayout layout = Scan(bytes);
    EXPECT_LE(layout.pixel_offset + layout.pixel_bytes, bytes.size());
    EXPECT_LE(layout.pixel_element_offset, bytes.size());
  }
}

}  // namespace
}  // namespace dinsd

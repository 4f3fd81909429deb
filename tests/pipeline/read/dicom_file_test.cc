#include "pipeline/read/dicom_file.h"

#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "pipeline/read/digest.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

DicomInstance Parse(const std::string& bytes) {
  return ParseDicomInstance(BytesOf(bytes), PrescanDicom(BytesOf(bytes), "a.dcm"), "a.dcm");
}

DicomInstance ParseEdited(const DicomEdit& edit) {
  return Parse(MakeSlice(0, edit));
}

std::vector<float> Decode(const std::string& bytes) {
  return DecodePixels(BytesOf(bytes), "a.dcm", std::array{0}, {});
}

std::string Problem(const DicomEdit& edit) {
  const DicomInstance instance = ParseEdited(edit);
  return instance.problem ? instance.problem->code() + " " + instance.problem->field() : "none";
}

std::string DecodeCode(const std::string& bytes) {
  try {
    (void)Decode(bytes);
    return "decoded";
  } catch (const InputError& error) {
    return error.code();
  }
}

void RegisterEncoders() {
  static const bool once = [] {
    DcmRLEEncoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
    return true;
  }();
  (void)once;
}

TEST(DicomFile, HeaderBecomesPlainValues) {
  const std::string bytes = MakeSlice(2);
  const DicomInstance instance = Parse(bytes);
  EXPECT_FALSE(instance.problem) << instance.problem->what();
  EXPECT_EQ(instance.patient_id, "P1");
  EXPECT_EQ(instance.patient_name, "DOE^JANE");
  EXPECT_EQ(instance.study_date, "20240203");
  EXPECT_EQ(instance.weight_kg, 70.5);
  EXPECT_EQ(instance.inversion_time_ms, 150);
  EXPECT_EQ(instance.series_description, "cor STIR");
  EXPECT_THAT(instance.image_type, ElementsAre("ORIGINAL", "PRIMARY", "M", "NORM"));
  EXPECT_THAT(instance.position.value(), ElementsAre(-10, -30, 100));
  EXPECT_THAT(instance.orientation.value(), ElementsAre(1, 0, 0, 0, 0, -1));
  EXPECT_THAT(instance.pixel_spacing.value(), ElementsAre(2, 1.5));
  EXPECT_EQ(instance.rows, kMadeRows);
  EXPECT_EQ(instance.columns, kMadeColumns);
  EXPECT_EQ(instance.bits_stored, 12);
  EXPECT_EQ(instance.file_sha256, Sha256Hex(BytesOf(bytes)));
  EXPECT_EQ(instance.pixel_sha256, Sha256Hex(BytesOf(bytes).last(2 * kMadeColumns * kMadeRows)));
  EXPECT_FALSE(instance.is_lossy);
}

TEST(DicomFile, NamesThatMeanTheSameAreTheSame) {
  for (const char* name : {"doe^jane", "DOE^JANE^^^", " Doe ^ Jane", "Doe^Jane=X^Y"}) {
    EXPECT_EQ(ParseEdited([&](DcmDataset& d) { Put(d, DCM_PatientName, name); }).patient_name, "DOE^JANE") << name;
  }
  const auto german = [](const char* charset, const char* name) {
    return ParseEdited([&](DcmDataset& d) {
             Put(d, DCM_SpecificCharacterSet, charset);
             Put(d, DCM_PatientName, name);
           })
        .patient_name;
  };
  EXPECT_EQ(german("ISO_IR 100", "M\xFCller"), german("ISO_IR 192", "M\xC3\xBCller"));
}

TEST(DicomFile, TextIsAlwaysUtf8AndStaysDistinct) {
  const auto id = [](const std::string& value) {
    return ParseEdited([&](DcmDataset& d) { Put(d, DCM_PatientID, value); }).patient_id;
  };
  EXPECT_EQ(id("a\x01z"), "a\\x01z");
  EXPECT_EQ(id("\xFF\xFE"), "\\xff\\xfe");
  EXPECT_EQ(id("\xC3\xBC"), "\xC3\xBC");
  EXPECT_NE(id("\x01"), id("\x02"));
}

TEST(DicomFile, LongTextIsRefused) {
  for (const DcmTagKey& key : {DCM_PatientName, DCM_SeriesDescription}) {
    try {
      (void)ParseEdited([&](DcmDataset& d) { Put(d, key, std::string(1100, 'A')); });
      FAIL();
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), "LIMIT_EXCEEDED");
    }
  }
}

TEST(DicomFile, WhatCannotBecomePixelsSaysWhy) {
  EXPECT_EQ(Problem({}), "none");
  const auto number = [](const DcmTagKey& key, int value) {
    return Problem([&](DcmDataset& d) { PutNumber(d, key, value); });
  };
  EXPECT_EQ(number(DCM_SamplesPerPixel, 3), "NOT_MONOCHROME SamplesPerPixel");
  EXPECT_EQ(Problem([](DcmDataset& d) { Put(d, DCM_PhotometricInterpretation, "PALETTE COLOR"); }),
            "NOT_MONOCHROME PhotometricInterpretation");
  EXPECT_EQ(number(DCM_Rows, 0), "UNDECODABLE Rows");
  EXPECT_EQ(number(DCM_Columns, 0), "UNDECODABLE Columns");
  EXPECT_EQ(number(DCM_BitsAllocated, 32), "UNDECODABLE BitsAllocated");
  EXPECT_EQ(number(DCM_BitsStored, 17), "UNDECODABLE BitsStored");
  EXPECT_EQ(number(DCM_BitsStored, 0), "UNDECODABLE BitsStored");
  EXPECT_EQ(number(DCM_HighBit, 16), "UNDECODABLE BitsStored");
  EXPECT_EQ(number(DCM_PixelRepresentation, 2), "UNDECODABLE PixelRepresentation");
  EXPECT_EQ(number(DCM_Rows, kMadeRows + 1), "UNDECODABLE PixelData") << "truncated";
  EXPECT_EQ(number(DCM_Rows, kMadeRows - 1), "UNDECODABLE PixelData") << "more than its slice needs";
  EXPECT_EQ(Problem([](DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }), "UNDECODABLE PixelData");
  EXPECT_EQ(Problem([](DcmDataset& d) { Put(d, DCM_NumberOfFrames, "6"); }), "UNDECODABLE NumberOfFrames");
  EXPECT_EQ(Problem([](DcmDataset& d) { Put(d, DCM_SOPClassUID, UID_EnhancedMRImageStorage); }),
            "UNDECODABLE PerFrameFunctionalGroupsSequence");
  for (const char* slope : {"0", "nan", "x", "1e300"}) {
    EXPECT_EQ(Problem([&](DcmDataset& d) { Put(d, DCM_RescaleSlope, slope); }), "UNDECODABLE RescaleSlope") << slope;
  }
}

TEST(DicomFile, PixelsComeOutOfEveryTransferSyntaxThatIsRead) {
  RegisterEncoders();
  const std::vector<float> plain = Decode(MakeSlice(3));
  ASSERT_EQ(plain.size(), kMadeColumns * kMadeRows);
  EXPECT_EQ(plain[2 * kMadeColumns + 5], MadePixel(5, 2, 3));
  for (const E_TransferSyntax syntax : {EXS_LittleEndianImplicit, EXS_BigEndianExplicit, EXS_RLELossless,
                                        EXS_JPEGProcess14, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless}) {
    EXPECT_EQ(Decode(MakeSlice(3, {}, syntax)), plain) << DcmXfer(syntax).getXferName();
  }
}

TEST(DicomFile, SignAndHighBitAreHonoured) {
  const auto first = [](int stored, int high, int representation, Uint16 raw) {
    return Decode(MakeSlice(0,
                            [&](DcmDataset& d) {
                              PutNumber(d, DCM_BitsStored, stored);
                              PutNumber(d, DCM_HighBit, high);
                              PutNumber(d, DCM_PixelRepresentation, representation);
                              const std::vector<Uint16> pixels(kMadeColumns * kMadeRows, raw);
                              d.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
                            }))
        .front();
  };
  EXPECT_EQ(first(12, 11, 0, 0xF123), 0x123) << "an overlay above the stored bits";
  EXPECT_EQ(first(12, 15, 0, 0x1230), 0x123);
  EXPECT_EQ(first(12, 11, 1, 0x0FFF), -1);
  EXPECT_EQ(first(12, 11, 1, 0x07FF), 2047);
  EXPECT_EQ(first(16, 15, 1, 0x8000), -32768);
  EXPECT_EQ(first(16, 15, 0, 0xFFFF), 65535);
}

TEST(DicomFile, EightBitPixelsAreRead) {
  std::vector<Uint8> pixels(kMadeColumns * kMadeRows);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<Uint8>(3 * i);
  for (const E_TransferSyntax syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit, EXS_BigEndianExplicit}) {
    const auto decoded = Decode(MakeSlice(
        0,
        [&](DcmDataset& d) {
          PutNumber(d, DCM_BitsAllocated, 8);
          PutNumber(d, DCM_BitsStored, 8);
          PutNumber(d, DCM_HighBit, 7);
          d.putAndInsertUint8Array(DCM_PixelData, pixels.data(), pixels.size());
        },
        syntax));
    EXPECT_THAT(decoded, testing::ElementsAreArray(pixels)) << DcmXfer(syntax).getXferName();
  }
}

TEST(DicomFile, RescaleIsAppliedAndPhilipsPrivateSlopeIsNot) {
  const std::string bytes = MakeSlice(0, [](DcmDataset& d) {
    Put(d, DCM_RescaleSlope, "2.5");
    Put(d, DCM_RescaleIntercept, "-7");
    d.putAndInsertString(DcmTag(0x2005, 0x0010, EVR_LO), "Philips MR Imaging DD 001");
    d.putAndInsertFloat32(DcmTag(0x2005, 0x100E, EVR_FL), 9.F);
  });
  EXPECT_EQ(Decode(bytes)[3], 2.5F * MadePixel(3, 0, 0) - 7);
  EXPECT_THAT(Parse(bytes).notes, ElementsAre(HasSubstr("2005,100E")));
}

TEST(DicomFile, LossyPixelsAreFlagged) {
  RegisterEncoders();
  const auto lossy = ParseEdited([](DcmDataset& d) {
    Put(d, DCM_LossyImageCompression, "01");
    Put(d, DCM_LossyImageCompressionRatio, "8.5");
  });
  EXPECT_TRUE(lossy.is_lossy);
  EXPECT_EQ(lossy.lossy_ratio, "8.5");
}

std::string WithSyntax(std::string bytes, const std::string& from, const std::string& to) {
  const auto at = bytes.find(from);
  return bytes.replace(at, from.size(), to);
}

TEST(DicomFile, TransferSyntaxesWithoutDecoderAreNamed) {
  RegisterEncoders();
  const std::string rle = MakeSlice(0, {}, EXS_RLELossless);
  for (const auto& [uid, name] : {std::pair{"1.2.840.10008.1.2.9", "transfer syntax 1.2.840.10008.1.2.9"}}) {
    const DicomInstance instance = Parse(WithSyntax(rle, "1.2.840.10008.1.2.5", uid));
    ASSERT_TRUE(instance.problem);
    EXPECT_THAT(instance.problem->what(), HasSubstr(name));
    EXPECT_EQ(instance.problem->code(), "UNDECODABLE");
  }
}

TEST(DicomFile, BrokenCodeStreamsAreNamedOrDecoded) {
  RegisterEncoders();
  TestRandom random(7);
  for (const E_TransferSyntax syntax : {EXS_RLELossless, EXS_JPEGProcess14SV1, EXS_JPEGLSLossless}) {
    const std::string whole = MakeSlice(1, {}, syntax);
    const auto layout = PrescanDicom(BytesOf(whole), "a.dcm");
    ASSERT_TRUE(layout.is_encapsulated);
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
      std::string bytes = whole;
      for (int flips = 0; flips <= round % 4; ++flips) {
        const auto at =
            layout.pixel_offset + static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(layout.pixel_bytes)));
        bytes[at] = static_cast<char>(random.Below(256));
      }
      if (DecodeCode(bytes) != "decoded") ++refused;
    }
    EXPECT_GT(refused, 0) << DcmXfer(syntax).getXferName();
  }
}

TEST(DicomFile, DamagedFilesAreNamedOrRead) {
  TestRandom random(8);
  const std::string whole = MakeSlice(1);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (int flips = 0; flips <= round % 6; ++flips) {
      bytes[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(random.Below(256));
    }
    if (round % 3 == 0) bytes.resize(static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size()))));
    (void)DecodeCode(bytes);
  }
}

TEST(DicomFile, DecodingHasALimit) {
  ReadLimits limits;
  limits.max_voxels = kMadeColumns * kMadeRows - 1;
  const std::string bytes = MakeSlice(0);
  try {
    (void)DecodePixels(BytesOf(bytes), "a.dcm", std::array{0}, limits);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "LIMIT_EXCEEDED");
  }
}

}  // namespace
}  // namespace dinsd

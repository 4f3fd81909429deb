#include <dcmtk/dcmdata/dcuid.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/receiver/test_receiver.h"

// What the README says is taken, held against what a receiver agrees to.

namespace dinsd {
namespace {

constexpr int kAccepted = 2;

enum class Kind { kImage, kOther, kVerification, kNone };

constexpr std::array<std::pair<const char*, Kind>, 20> kClasses = {{
    {UID_VerificationSOPClass, Kind::kVerification},
    {UID_MRImageStorage, Kind::kImage},
    {UID_EnhancedMRImageStorage, Kind::kImage},
    {UID_LegacyConvertedEnhancedMRImageStorage, Kind::kImage},
    {UID_EnhancedMRColorImageStorage, Kind::kImage},
    {UID_SecondaryCaptureImageStorage, Kind::kImage},
    {UID_SegmentationStorage, Kind::kOther},
    {UID_RTStructureSetStorage, Kind::kOther},
    {UID_BasicTextSRStorage, Kind::kOther},
    {UID_EnhancedSRStorage, Kind::kOther},
    {UID_ComprehensiveSRStorage, Kind::kOther},
    {UID_Comprehensive3DSRStorage, Kind::kOther},
    {UID_GrayscaleSoftcopyPresentationStateStorage, Kind::kOther},
    {UID_KeyObjectSelectionDocumentStorage, Kind::kOther},
    {UID_CTImageStorage, Kind::kNone},
    {UID_EncapsulatedPDFStorage, Kind::kNone},
    {UID_FINDStudyRootQueryRetrieveInformationModel, Kind::kNone},
    {UID_MOVEStudyRootQueryRetrieveInformationModel, Kind::kNone},
    {UID_GETStudyRootQueryRetrieveInformationModel, Kind::kNone},
    {UID_FINDModalityWorklistInformationModel, Kind::kNone},
}};

struct Syntax {
  const char* uid;
  bool is_for_images, is_for_others;
  bool needs_jpeg_2000 = false;
};

constexpr std::array<Syntax, 14> kSyntaxes = {{
    {UID_LittleEndianExplicitTransferSyntax, true, true},
    {UID_LittleEndianImplicitTransferSyntax, true, true},
    {UID_JPEGLSLosslessTransferSyntax, true, false},
    {UID_JPEGProcess14SV1TransferSyntax, true, false},
    {UID_JPEGProcess14TransferSyntax, true, false},
    {UID_RLELosslessTransferSyntax, true, false},
    {UID_BigEndianExplicitTransferSyntax, true, false},
    {UID_JPEGLSLossyTransferSyntax, true, false},
    {UID_JPEGProcess2_4TransferSyntax, true, false},
    {UID_JPEGProcess1TransferSyntax, true, false},
    {UID_JPEG2000LosslessOnlyTransferSyntax, true, false, true},
    {UID_JPEG2000TransferSyntax, true, false, true},
    {UID_DeflatedExplicitVRLittleEndianTransferSyntax, false, false},
    {UID_MPEG2MainProfileAtMainLevelTransferSyntax, false, false},
}};

class Conformance : public testing::TestWithParam<bool> {};

TEST_P(Conformance, IsAsTheReadmeStatesIt) {
  TestReceiver receiver;
  receiver.settings.jpeg_2000 = GetParam();
  receiver.Start();
  for (const auto& [sop_class, kind] : kClasses) {
    for (const Syntax& syntax : kSyntaxes) {
      RawPeer peer(receiver.port());
      const bool is_taken =
          peer.Associate("SENDER", "DINSD", sop_class, syntax.uid) == kAccepted && peer.IsContextAccepted();
      const bool is_stated = kind != Kind::kNone && (GetParam() || !syntax.needs_jpeg_2000) &&
                             (kind == Kind::kImage ? syntax.is_for_images : syntax.is_for_others);
      EXPECT_EQ(is_taken, is_stated) << sop_class << " in " << syntax.uid;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutJpeg2000, Conformance, testing::Bool());

}  // namespace
}  // namespace dinsd

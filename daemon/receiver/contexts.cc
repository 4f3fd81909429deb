#include "daemon/receiver/contexts.h"

#include <dcmtk/dcmdata/dcuid.h>

#include <array>
#include <stdexcept>

namespace dinsd {
namespace {

constexpr std::array<const char*, 5> kImageClasses = {
    UID_MRImageStorage, UID_EnhancedMRImageStorage, UID_LegacyConvertedEnhancedMRImageStorage,
    UID_EnhancedMRColorImageStorage, UID_SecondaryCaptureImageStorage};

constexpr std::array<const char*, 8> kOtherClasses = {UID_SegmentationStorage,
                                                      UID_RTStructureSetStorage,
                                                      UID_BasicTextSRStorage,
                                                      UID_EnhancedSRStorage,
                                                      UID_ComprehensiveSRStorage,
                                                      UID_Comprehensive3DSRStorage,
                                                      UID_GrayscaleSoftcopyPresentationStateStorage,
                                                      UID_KeyObjectSelectionDocumentStorage};

// The first that a peer offers is taken: uncompressed, then lossless, and what was compressed with loss last.
constexpr std::array<const char*, 2> kLittleEndian = {UID_LittleEndianExplicitTransferSyntax,
                                                      UID_LittleEndianImplicitTransferSyntax};
constexpr std::array<const char*, 12> kImageSyntaxes = {
    UID_LittleEndianExplicitTransferSyntax, UID_LittleEndianImplicitTransferSyntax,
    UID_JPEGLSLosslessTransferSyntax,       UID_JPEGProcess14SV1TransferSyntax,
    UID_JPEGProcess14TransferSyntax,        UID_RLELosslessTransferSyntax,
    UID_JPEG2000LosslessOnlyTransferSyntax, UID_BigEndianExplicitTransferSyntax,
    UID_JPEGLSLossyTransferSyntax,          UID_JPEG2000TransferSyntax,
    UID_JPEGProcess2_4TransferSyntax,       UID_JPEGProcess1TransferSyntax};

bool IsJpeg2000(const std::string& syntax) {
  return syntax == UID_JPEG2000LosslessOnlyTransferSyntax || syntax == UID_JPEG2000TransferSyntax;
}

template <std::size_t N>
OFList<OFString> ListOf(const std::array<const char*, N>& uids, bool takes_jpeg_2000) {
  OFList<OFString> list;
  for (const char* uid : uids) {
    if (takes_jpeg_2000 || !IsJpeg2000(uid)) list.push_back(uid);
  }
  return list;
}

void Add(const DcmSharedSCPConfig& config, const char* sop_class, const OFList<OFString>& syntaxes) {
  if (config->addPresentationContext(sop_class, syntaxes).bad()) throw std::runtime_error("presentation contexts");
}

}  // namespace

DcmSharedSCPConfig AcceptedContexts(const ReceiverSettings& settings) {
  DcmSharedSCPConfig config;  // never copied as a whole: DCMTK 3.6.7 leaves members of a copy unset
  config->setAETitle(settings.ae_title.c_str());
  config->setRespondWithCalledAETitle(OFTrue);
  config->setHostLookupEnabled(OFFalse);
  config->setDIMSEBlockingMode(DIMSE_BLOCKING);
  config->setMaxReceivePDULength(ASC_MAXIMUMPDUSIZE);
  const OFList<OFString> others = ListOf(kLittleEndian, false), images = ListOf(kImageSyntaxes, settings.jpeg_2000);
  Add(config, UID_VerificationSOPClass, others);
  for (const char* sop_class : kImageClasses) Add(config, sop_class, images);
  for (const char* sop_class : kOtherClasses) Add(config, sop_class, others);
  if (!settings.reports_dir.empty() &&
      config->addPresentationContext(UID_StorageCommitmentPushModelSOPClass, others, ASC_SC_ROLE_SCP).bad())
    throw std::runtime_error("presentation contexts");
  return config;
}

}  // namespace dinsd

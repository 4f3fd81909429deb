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
constexpr std::array<const char*, 10> kImageSyntaxes = {
    UID_LittleEndianExplicitTransferSyntax, UID_LittleEndianImplicitTransferSyntax, UID_JPEGLSLosslessTransferSyntax,
    UID_JPEGProcess14SV1TransferSyntax,     UID_JPEGProcess14TransferSyntax,        UID_RLELosslessTransferSyntax,
    UID_BigEndianExplicitTransferSyntax,    UID_JPEGLSLossyTransferSyntax,          UID_JPEGProcess2_4TransferSyntax,
    UID_JPEGProcess1TransferSyntax};

template <std::size_t N>
OFList<OFString> ListOf(const std::array<const char*, N>& uids, std::size_t count = N) {
  OFList<OFString> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(uids.at(i));
  return list;
}

void Add(const DcmSharedSCPConfig& config, const char* sop_class, const OFList<OFString>& syntaxes) {
  if (config->addPresentationContext(sop_class, syntaxes).bad()) throw std::runtime_error("presentation contexts");
}

}  // namespace

DcmSharedSCPConfig AcceptedContexts(const std::string& ae_title, bool takes_reports) {
  DcmSharedSCPConfig config;  // never copied as a whole: DCMTK 3.6.7 leaves members of a copy unset
  config->setAETitle(ae_title.c_str());
  config->setRespondWithCalledAETitle(OFTrue);
  config->setHostLookupEnabled(OFFalse);
  config->setDIMSEBlockingMode(DIMSE_BLOCKING);
  config->setMaxReceivePDULength(ASC_MAXIMUMPDUSIZE);
  constexpr std::size_t kLittleEndian = 2;
  Add(config, UID_VerificationSOPClass, ListOf(kImageSyntaxes, kLittleEndian));
  for (const char* sop_class : kImageClasses) Add(config, sop_class, ListOf(kImageSyntaxes));
  for (const char* sop_class : kOtherClasses) Add(config, sop_class, ListOf(kImageSyntaxes, kLittleEndian));
  if (takes_reports && config
                           ->addPresentationContext(UID_StorageCommitmentPushModelSOPClass,
                                                    ListOf(kImageSyntaxes, kLittleEndian), ASC_SC_ROLE_SCP)
                           .bad())
    throw std::runtime_error("presentation contexts");
  return config;
}

}  // namespace dinsd

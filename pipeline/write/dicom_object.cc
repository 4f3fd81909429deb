#include "pipeline/write/dicom_object.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcostrmb.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace dinsd {
namespace {

void Check(const OFCondition& condition, const DcmTagKey& key) {
  if (condition.bad()) throw std::runtime_error("DICOM: " + std::string(key.toString().c_str()) + " cannot be set");
}

struct Copied {
  DcmTagKey key;
  bool must_be_there;  // empty where the source has none
  bool whatever_it_is;
};

const std::array<Copied, 21> kCopied = {{{DCM_SpecificCharacterSet, false, true},
                                         {DCM_PatientName, true, true},
                                         {DCM_PatientID, true, true},
                                         {DCM_IssuerOfPatientID, false, true},
                                         {DCM_PatientBirthDate, true, false},
                                         {DCM_PatientSex, true, false},
                                         {DCM_PatientAge, false, false},
                                         {DCM_PatientSize, false, false},
                                         {DCM_PatientWeight, false, false},
                                         {DCM_PatientIdentityRemoved, false, false},
                                         {DCM_DeidentificationMethod, false, false},
                                         {DCM_DeidentificationMethodCodeSequence, false, false},
                                         {DCM_StudyInstanceUID, true, true},
                                         {DCM_StudyDate, true, false},
                                         {DCM_StudyTime, true, false},
                                         {DCM_ReferringPhysicianName, true, false},
                                         {DCM_StudyID, true, false},
                                         {DCM_AccessionNumber, true, false},
                                         {DCM_StudyDescription, false, false},
                                         {DCM_FrameOfReferenceUID, false, true},
                                         {DCM_PositionReferenceIndicator, true, false}}};

// Whether the values are what their value representation allows, the length of short texts included, which DCMTK lets
// pass. A long text in several bytes a character counts as too long: nothing hangs on what is copied here.
bool IsValid(DcmElement& element) {
  const Uint32 longest = element.ident() == EVR_SH ? 16 : (element.ident() == EVR_LO ? 64 : 0xFFFFFFFF);
  return element.ident() == EVR_SQ || (element.checkValue("1").good() && element.getLengthField() <= longest);
}

// A copy of the element that may be used, or nothing.
std::unique_ptr<DcmElement> CopyOf(DcmDataset& from, const Copied& what) {
  DcmElement* found = nullptr;
  if (from.findAndGetElement(what.key, found).bad() || found == nullptr) return nullptr;
  if (!what.whatever_it_is && !IsValid(*found)) return nullptr;
  return std::unique_ptr<DcmElement>(dynamic_cast<DcmElement*>(found->clone()));
}

}  // namespace

void CopyPatientAndStudy(const SourceSeries& series, DcmDataset& object) {
  for (const Copied& what : kCopied) {
    std::unique_ptr<DcmElement> copy = CopyOf(*series.header, what);
    if (copy) {
      Check(object.insert(copy.get(), true), what.key);
      (void)copy.release();
    } else if (what.must_be_there) {
      Check(object.insertEmptyElement(what.key), what.key);
    }
  }
}

std::string BytesOfDicomFile(DcmDataset& object) {
  constexpr E_TransferSyntax kSyntax = EXS_LittleEndianImplicit;
  constexpr std::size_t kMetaBytes = 4096;
  DcmFileFormat file(&object);
  std::string bytes(file.getDataset()->calcElementLength(kSyntax, EET_ExplicitLength) + kMetaBytes, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  const OFCondition condition = file.write(stream, kSyntax, EET_ExplicitLength, nullptr, EGL_withoutGL);
  file.transferEnd();
  if (condition.bad()) throw std::runtime_error(std::string("DICOM: an object cannot be written: ") + condition.text());
  bytes.resize(static_cast<std::size_t>(stream.tell()));
  return bytes;
}

}  // namespace dinsd

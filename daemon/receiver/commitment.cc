#include "daemon/receiver/commitment.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <set>
#include <span>

#include "daemon/receiver/file_meta.h"
#include "pipeline/read/dicom_prescan.h"

namespace dinsd {
namespace {

constexpr unsigned long kMostItems = 10'000;

bool IsUid(const std::string& text) {
  return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789.") == std::string::npos;
}

std::set<std::string> InstancesIn(DcmDataset& data_set, const DcmTagKey& tag) {
  std::set<std::string> instances;
  DcmSequenceOfItems* sequence = nullptr;
  if (data_set.findAndGetSequence(tag, sequence).bad() || sequence == nullptr) return instances;
  for (unsigned long i = 0; i < std::min(sequence->card(), kMostItems); ++i) {
    OFString uid;
    if (sequence->getItem(i)->findAndGetOFString(DCM_ReferencedSOPInstanceUID, uid).good() && IsUid(uid.c_str()))
      instances.insert(uid.c_str());
  }
  return instances;
}

// One UID element, of four bytes; the length has two bytes with the VR before it, or four without.
std::string UidElement(int group, int element, bool is_explicit) {
  const auto low = [](int value) { return static_cast<char>(value & 0xFF); };
  const auto high = [](int value) { return static_cast<char>(value >> 8 & 0xFF); };
  const std::string length = is_explicit ? std::string("UI\4\0", 4) : std::string("\4\0\0\0", 4);
  return std::string{low(group), high(group), low(element), high(element)} + length + std::string("1.2\0", 4);
}

// The pre-scan is one of objects, which have four UIDs: they are put round the report.
bool IsSound(const std::string& bytes, const std::string& transfer_syntax) {
  const bool is_explicit = transfer_syntax != UID_LittleEndianImplicitTransferSyntax;
  const std::string file = FileMetaOf({"1.2", "1.2", transfer_syntax}) + UidElement(0x0008, 0x0016, is_explicit) +
                           UidElement(0x0008, 0x0018, is_explicit) + bytes + UidElement(0x0020, 0x000D, is_explicit) +
                           UidElement(0x0020, 0x000E, is_explicit);
  return !PrescanDicom(std::as_bytes(std::span(file)), "").error;
}

}  // namespace

DcmDataset CommitmentRequest(const std::string& transaction_uid, const std::vector<ObjectUids>& objects) {
  DcmDataset request;
  request.putAndInsertString(DCM_TransactionUID, transaction_uid.c_str());
  for (const ObjectUids& object : objects) {
    DcmItem* item = nullptr;
    if (request.findOrCreateSequenceItem(DCM_ReferencedSOPSequence, item, -2).bad()) throw std::bad_alloc();
    item->putAndInsertString(DCM_ReferencedSOPClassUID, object.sop_class.c_str());
    item->putAndInsertString(DCM_ReferencedSOPInstanceUID, object.sop_instance.c_str());
  }
  return request;
}

std::optional<CommitmentReport> ReportOf(DcmDataset& data_set) {
  OFString transaction;
  if (data_set.findAndGetOFString(DCM_TransactionUID, transaction).bad() || !IsUid(transaction.c_str()))
    return std::nullopt;
  const std::set<std::string> failed = InstancesIn(data_set, DCM_FailedSOPSequence);
  CommitmentReport report{transaction.c_str(), {}};
  for (const std::string& instance : InstancesIn(data_set, DCM_ReferencedSOPSequence)) {
    if (!failed.contains(instance)) report.kept.push_back(instance);
  }
  return report;
}

std::optional<CommitmentReport> ReportOfBytes(const std::string& bytes, const std::string& transfer_syntax) {
  if (!IsSound(bytes, transfer_syntax)) return std::nullopt;
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  DcmDataset data_set;
  if (data_set.read(stream, DcmXfer(transfer_syntax.c_str()).getXfer()).bad()) return std::nullopt;
  return ReportOf(data_set);
}

}  // namespace dinsd

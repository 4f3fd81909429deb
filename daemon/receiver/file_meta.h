#pragma once

#include <string>

namespace dinsd {

/// What a C-STORE request says of its object.
struct ObjectNames {
  std::string sop_class;
  std::string sop_instance;
  std::string transfer_syntax;
};

/// The bytes that make a DICOM file of a data set: a preamble of zeros, DICM and the file meta information
/// (PS3.10 7.1), explicit little endian. Nothing of the peer is in it but what `names` says.
[[nodiscard]] std::string FileMetaOf(const ObjectNames& names);

}  // namespace dinsd

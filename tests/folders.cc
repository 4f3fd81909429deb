#include "tests/folders.h"

namespace dinsd {

const char* const kSourceFolder = DINSD_SOURCE_FOLDER;
const char* const kBuildFolder = DINSD_BUILD_FOLDER;

}  // namespace dinsd

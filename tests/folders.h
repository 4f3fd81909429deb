#pragma once

namespace dinsd {

/// The project's folder and that of this build, absolute. They are in one object of their own, so that the same test is
/// the same object in every checkout, for whoever caches compilations.
extern const char* const kSourceFolder;
extern const char* const kBuildFolder;

}  // namespace dinsd

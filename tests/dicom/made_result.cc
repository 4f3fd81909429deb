#include "tests/pipeline/write/made_result.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "pipeline/write/result_folder.h"
#include "tests/pipeline/write/made_follow_up.h"
#include "tests/pipeline/write/made_stations.h"

// made_result LESIONS STATIONS FOLDER [followed]: a result of so many made-up lesions with its DICOM objects in
// FOLDER/result, and the series that it was made from in FOLDER/series: one, or so many stations; `followed`: beside a
// prior study. For programs of others to read.

namespace {

template <typename Made>
void Write(Made made, const std::filesystem::path& folder, bool is_followed) {
  if (is_followed) dinsd::AddFollowUp(made.result);
  std::filesystem::create_directories(folder / "result");
  std::filesystem::copy(made.root(), folder / "series");
  const std::optional<dinsd::DicomOutput> dicom = made.Output();
  (void)dinsd::WriteResultFolder(folder / "result", made.result, made.result.volume,
                                 {.job_id = "1", .created = "2026-01-02T03:04:05Z", .software = "dinsd test"}, "key",
                                 &*dicom);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bool is_followed = argc == 5 && std::string(argv[4]) == "followed";
    if (argc != 4 && !is_followed) throw std::runtime_error("usage: made_result LESIONS STATIONS FOLDER [followed]");
    const int lesions = std::stoi(argv[1]), stations = std::stoi(argv[2]);
    if (stations == 1) Write(dinsd::MadeResult(lesions, true), argv[3], is_followed);
    if (stations > 1) Write(dinsd::MadeStations(lesions, stations, true), argv[3], is_followed);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

#include "tests/pipeline/write/made_result.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "pipeline/write/result_folder.h"

// made_result LESIONS FOLDER: a result of so many made-up lesions with its DICOM objects in FOLDER/result, and the
// series that it was made from in FOLDER/series. For programs of others to read.

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("usage: made_result LESIONS FOLDER");
    const std::filesystem::path folder = argv[2];
    dinsd::MadeResult made(std::stoi(argv[1]), true);
    std::filesystem::create_directories(folder / "result");
    std::filesystem::copy(made.root(), folder / "series");
    const std::optional<dinsd::DicomOutput> dicom = made.Output();
    (void)dinsd::WriteResultFolder(folder / "result", made.result, made.result.volume,
                                   {.job_id = "1", .created = "2026-01-02T03:04:05Z", .software = "dinsd test"}, "key",
                                   &*dicom);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

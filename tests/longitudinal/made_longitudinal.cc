#include <cstdio>
#include <exception>
#include <filesystem>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "tests/pipeline/longitudinal/phantom_patient.h"

// made_longitudinal FOLDER: the report over the six visits of PhantomPatient in FOLDER/report, for a browser to show.

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::runtime_error("usage: made_longitudinal FOLDER");
    const std::filesystem::path folder = argv[1];
    const dinsd::PhantomPatient patient(folder / "patient");
    dinsd::LongitudinalOptions options;
    options.compare.registration = dinsd::QuickRegistration();
    options.created = "2026-02-03T04:05:06Z";
    options.software = "dinsd test";
    const dinsd::LongitudinalReport report =
        dinsd::MakeLongitudinalReport(dinsd::ReadPatientHistory(patient.results()), options);
    dinsd::StudyShelf shelf(report.timepoints(), {});
    dinsd::WriteLongitudinal(folder / "report", report, dinsd::DrawLongitudinal(report, shelf));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

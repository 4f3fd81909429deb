#include "pipeline/phantom/phantom_files.h"

#include <fstream>
#include <vector>

#include "pipeline/phantom/dicom_series_writer.h"
#include "pipeline/phantom/phantom_json.h"
#include "pipeline/read/digest.h"
#include "pipeline/write/nifti_writer.h"

namespace dinsd {
namespace {

using Json = nlohmann::ordered_json;

void WriteJson(const std::filesystem::path& path, const Json& json) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << json.dump(1) << '\n';
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

struct Digest {
  std::uint64_t size = 0;
  std::string sha256;
};

Digest DigestOf(const std::filesystem::path& path) {
  std::vector<std::byte> bytes(std::filesystem::file_size(path));
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {bytes.size(), Sha256Hex(bytes)};
}

Json StudyJson(const PhantomIdentity& identity, const std::string& name, const Digest& digest) {
  const Json file = {{"name", name},
                     {"size", digest.size},
                     {"sha256", digest.sha256},
                     {"seriesInstanceUID", identity.series_uid},
                     {"frameOfReferenceUID", identity.frame_of_reference_uid}};
  // Not "stir": weights that were trained on phantoms must still flag every real STIR.
  return {{"schema", "dinsd-study/1"},        {"patient", identity.patient},
          {"studyDate", identity.study_date}, {"studyInstanceUID", identity.study_uid},
          {"sequence", "stir-phantom"},       {"weightKg", identity.weight_kg},
          {"sizeM", identity.size_m},         {"ageYears", identity.age_years},
          {"files", Json::array({file})}};
}

void WriteDicomStudy(const Phantom& phantom, const std::filesystem::path& folder) {
  const PhantomIdentity identity = IdentityOf(phantom.options);
  WriteDicomSeries(phantom, folder);
  WriteJson(folder / (identity.series_uid + ".prompts.json"),
            PromptsJson(phantom, {{"studyInstanceUID", identity.study_uid},
                                  {"seriesInstanceUID", identity.series_uid},
                                  {"frameOfReferenceUID", identity.frame_of_reference_uid}}));
}

void WriteNiftiStudy(const Phantom& phantom, const std::filesystem::path& folder) {
  const std::string name = "image.nii.gz";
  WriteNifti(folder / name, phantom.image);
  const Digest digest = DigestOf(folder / name);
  const PhantomIdentity identity = IdentityOf(phantom.options);
  WriteJson(folder / (name + ".prompts.json"),
            PromptsJson(phantom, {{"seriesInstanceUID", identity.series_uid}, {"sha256", digest.sha256}}));
  WriteJson(folder / "study.json", StudyJson(identity, name, digest));
}

}  // namespace

void WritePhantom(const Phantom& phantom, const std::filesystem::path& folder, PhantomFormat format) {
  std::filesystem::create_directories(folder / "study");
  std::filesystem::create_directories(folder / "truth");
  WriteNiftiStudy(phantom, folder / "study");
  if (format == PhantomFormat::kNiftiAndDicom) {
    std::filesystem::create_directories(folder / "dicom");
    WriteDicomStudy(phantom, folder / "dicom");
  }
  WriteNifti(folder / "truth" / "truth.nii.gz", phantom.truth);
  WriteJson(folder / "truth" / "truth.json", TruthJson(phantom));
}

}  // namespace dinsd

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

// One series a station, or all in one; instances, files and their order tell nothing of where a station lies.
void WriteStations(const Phantom& phantom, const PhantomStations& stations, const std::filesystem::path& folder) {
  const std::vector<Volume> cut = CutIntoStations(phantom, stations);
  for (std::size_t s = 0; s < cut.size(); ++s) {
    const std::string number = std::to_string(s + 1);
    const std::int64_t before = stations.in_one_series ? static_cast<std::int64_t>(s) * cut[s].grid.size[2] : 0;
    WriteDicomSeries(phantom.options, cut[s],
                     {.series_uid = StationSeriesUid(phantom.options, stations, s),
                      .series_number = stations.in_one_series ? 1 : static_cast<int>(s + 1),
                      .instance_key = "station " + number + " ",
                      .instances_before = before,
                      .file_prefix = "ST" + number + "_"},
                     folder);
  }
}

// The composed series, where there is one, is what the scanner shows: clicks are made on it.
std::string ClickedSeries(const Phantom& phantom, const PhantomStations& stations) {
  if (stations.count == 1 || stations.has_composed) return IdentityOf(phantom.options).series_uid;
  return StationSeriesUid(phantom.options, stations, 0);
}

void WriteDicomStudy(const Phantom& phantom, const PhantomStations& stations, const std::filesystem::path& folder) {
  const PhantomIdentity identity = IdentityOf(phantom.options);
  if (stations.count > 1) WriteStations(phantom, stations, folder);
  if (stations.count == 1) WriteDicomSeries(phantom.options, phantom.image, {identity.series_uid}, folder);
  if (stations.count > 1 && stations.has_composed) {
    WriteDicomSeries(phantom.options, phantom.image,
                     {.series_uid = identity.series_uid,
                      .series_number = kMostStations + 1,
                      .description = "COR STIR WHOLE BODY COMPOSED",
                      .image_type = "DERIVED\\PRIMARY\\OTHER\\COMPOSED",
                      .file_prefix = "CO"},
                     folder);
  }
  const std::string clicked = ClickedSeries(phantom, stations);
  WriteJson(folder / (clicked + ".prompts.json"),
            PromptsJson(phantom, {{"studyInstanceUID", identity.study_uid},
                                  {"seriesInstanceUID", clicked},
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

std::string StationSeriesUid(const PhantomOptions& options, const PhantomStations& stations, std::size_t s) {
  std::string what = "stations ";
  what.append(std::to_string(options.timepoint));
  if (!stations.in_one_series) what.append(" ").append(std::to_string(s + 1));
  return PhantomUid(options, what);
}

void WritePhantom(const Phantom& phantom, const std::filesystem::path& folder, PhantomFormat format,
                  const PhantomStations& stations) {
  stations.Check();
  std::filesystem::create_directories(folder / "study");
  std::filesystem::create_directories(folder / "truth");
  WriteNiftiStudy(phantom, folder / "study");
  if (format == PhantomFormat::kNiftiAndDicom) {
    std::filesystem::create_directories(folder / "dicom");
    WriteDicomStudy(phantom, stations, folder / "dicom");
  }
  WriteNifti(folder / "truth" / "truth.nii.gz", phantom.truth);
  WriteJson(folder / "truth" / "truth.json", TruthJson(phantom));
}

}  // namespace dinsd

#include <cmath>

#include "pipeline/report/html_sections.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/slice_view.h"

namespace dinsd {
namespace {

// A row of the list of facts; nothing where the value is not known.
Html Fact(const Markup& name, const std::string& value) {
  Html html;
  if (!value.empty()) html << "<div><dt>" << name << "</dt><dd>" << Text{value} << "</dd></div>\n";
  return html;
}

std::string Joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : separator) + word;
  return joined;
}

std::string FileWords(const StudyImage& image) {
  if (image.files.empty()) return "";
  if (image.files.size() == 1) return FormatWord(image.format) + ", " + image.files[0];
  return FormatWord(image.format) + " of " + std::to_string(image.files.size()) + " files, " + image.files.front() +
         " to " + image.files.back();
}

std::string GridWords(const GridGeometry& grid) {
  const auto product = [](const auto& a, const auto& digits) {
    return digits(a[0]) + " x " + digits(a[1]) + " x " + digits(a[2]);
  };
  const double volume_mm3 = grid.VoxelVolumeMl() * 1000;
  return product(grid.size, [](std::int64_t n) { return std::to_string(n); }) + " voxels of " +
         product(grid.spacing, [](double mm) { return FixedDigits(mm, 3); }) + " mm, " + FixedDigits(volume_mm3, 3) +
         " mm\xC2\xB3 each; " + SliceView(grid).PlaneName() + " slices, " + FixedDigits(SliceSpacingMm(grid), 2) +
         " mm apart";
}

std::string ClickWords(const StudyResult& result) {
  const PromptProvenance& provenance = result.prompts.prompts.provenance;
  std::string words = result.prompts.file;
  const auto add = [&words](const char* before, const std::string& value) {
    if (!value.empty()) words += (words.empty() ? "" : "; ") + (before + value);
  };
  add("source: ", provenance.source);
  add("made ", provenance.created);
  add("with ", provenance.tool + (provenance.tool_version.empty() ? "" : " " + provenance.tool_version));
  add("by ", provenance.operator_pseudonym);
  add("imported from ", provenance.imported_from);
  if (!result.resolved.background.empty()) {
    add("background clicks: ", std::to_string(result.resolved.background.size()));
  }
  return words;
}

std::string TimingWords(const StudyResult& result) {
  double total = 0;
  std::vector<std::string> words;
  for (const StageTiming& timing : result.timings) {
    total += timing.seconds;
    words.push_back(timing.stage + " " + FixedDigits(timing.seconds, 1) + " s");
  }
  return words.empty() ? "" : FixedDigits(total, 1) + " s (" + Joined(words, ", ") + ")";
}

std::string OptionWords(const StudyResult& result) {
  const SegmentOptions& options = result.options;
  if (result.imported)
    return std::string("measurable from ").append(std::to_string(options.measurable_slices)).append(" slices");
  return "mode " + ModeWord(options.mode) + ", threshold " + ExactDigits(options.threshold) +
         (options.average_flips ? ", averaged over flips" : ", no flips") + ", measurable from " +
         std::to_string(options.measurable_slices) + " slices" +
         (options.max_memory_gib > 0 ? ", memory limit " + ExactDigits(options.max_memory_gib) + " GiB" : "");
}

std::string HoldWords(const ClickHold& hold) {
  if (!hold.IsOn()) return "";
  return "where the network did not follow a click, its answer was changed round it: falling off over " +
         ExactDigits(hold.reach_mm) + " mm, and with the difference of intensity" +
         (hold.size_share > 0 ? "; in the rest of that lesion by a part that falls off over " +
                                    ExactDigits(hold.size_share) + " of the edge of a cube of its volume"
                              : "") +
         (hold.negative_seen ? "" : "; negative clicks were not shown to the network");
}

std::string WithDigest(const std::string& name, const std::string& sha256) {
  if (sha256.empty()) return name;
  return name + (name.empty() ? "" : ", ") + "SHA-256 " + sha256;
}

std::string MaskFileWords(const ImportedMask& mask) {
  std::string words;
  for (const ImportedFile& file : mask.files)
    words.append(words.empty() ? "" : "; ").append(WithDigest(file.file, file.sha256));
  return words;
}

// Which segments or regions, and why they are lesions.
std::string TakenWords(const ImportedMask& mask) {
  std::string words;
  for (const ImportedLesion& lesion : mask.lesions) {
    words.append(words.empty() ? "" : "; ").append(lesion.id).append(": number ");
    words.append(std::to_string(lesion.number)).append(", ").append(lesion.reason);
  }
  return words;
}

Html ImportedFacts(const StudyResult& result) {
  Html html;
  if (!result.imported) return html;
  const ImportedMask& mask = *result.imported;
  html << Fact("Imported mask", mask.kind + ": " + MaskFileWords(mask)) << Fact("Made with", mask.maker)
       << Fact("Made how", mask.made) << Fact("Taken of it", TakenWords(mask))
       << Fact("Masks not taken", Joined(result.prompts.others, "; "));
  return html;
}

Html OtherImages(const StudyResult& result) {
  Html html;
  for (const StudyImage& image : result.study.images) {
    if (image.is_chosen) continue;
    const std::string name = image.description.empty() ? FileWords(image) : image.description;
    html << Fact("Image not taken", name + ": " + (image.error ? std::string(image.error->what()) : image.reason));
  }
  return html;
}

}  // namespace

Html MethodSection(const StudyResult& result, const ReportContext& context) {
  const StudyImage& image = result.image;
  Html html;
  html << "<section>\n<h2>What was done</h2>\n<dl class=\"method\">\n"
       << Fact("Image", FileWords(image)) << Fact("Series", image.description) << Fact("Series UID", image.series_uid)
       << Fact("Why this image", image.reason) << Fact("Grid", GridWords(image.grid))
       << Fact("Notes on the image", Joined(image.notes, "; ")) << OtherImages(result) << ImportedFacts(result)
       << Fact("Clicks", result.imported ? "" : ClickWords(result))
       << Fact("Clicks' digest", WithDigest("", result.prompts.sha256))
       << Fact("Clicks held", HoldWords(result.manifest.click_hold))
       << Fact("Prompts not taken", result.imported ? "" : Joined(result.prompts.others, "; "))
       << Fact("Weights", WithDigest(result.weights_name, result.weights_sha256))
       << Fact("Trained for", Joined(result.manifest.trained_for, ", "))
       << Fact("Training data", result.manifest.training_data)
       << Fact("Licence of the weights", result.manifest.licence)
       << Fact("Way through the network",
               result.imported
                   ? ""
                   : result.mode +
                         (result.mode_reason.empty() ? "" : (result.mode.empty() ? "" : ": ") + result.mode_reason))
       << Fact("Options", OptionWords(result))
       << Fact("Re-runs", result.imported ? "" : RerunWords(result.options.interval)) << Fact("Device", result.device)
       << Fact("Time", TimingWords(result))
       << Fact("Peak memory", result.peak_memory_gib > 0 ? FixedDigits(result.peak_memory_gib, 2) + " GiB" : "")
       << Fact("Software", context.software) << "</dl>\n</section>\n";
  return html;
}

Html TrustSection(const StudyResult& result) {
  const double spacing = SliceSpacingMm(result.image.grid);
  const double extent = 2.5 * spacing;
  const double sphere_ml = std::acos(-1.0) / 6 * extent * extent * extent / 1000;
  Html html;
  html << "<section>\n<h2>How sure one may be</h2>\n<ul class=\"trust\">\n";
  if (result.is_out_of_domain) {
    html << "<li><strong>Out of domain.</strong> The weights were trained for "
         << Text{Joined(result.manifest.trained_for, ", ")} << ", not for this study ("
         << Text{result.image.sequence.empty() ? "sequence not known" : result.image.sequence}
         << "). How well they do on such images has not been measured.</li>\n";
  }
  html << "<li><strong>Small lesions.</strong> A lesion is measurable when its extent along the slice axis is at least "
          "2.5 "
       << "slice spacings: here " << Text{FixedDigits(extent, 1)} << " mm, for a ball about "
       << Text{VolumeDigits(sphere_ml)} << " mL; on the mask this is read as "
       << Text{std::to_string(result.options.measurable_slices)}
       << " slices or more. Below that the position of the slices alone changes a volume by 20 % or more.</li>\n"
       << IntervalItem(result)
       << "<li><strong>Change.</strong> A change of 20 % in volume is the threshold in use for neurofibromas."
       << (result.follow_up ? Markup("") : Markup(" A single timepoint, such as this one, says nothing about change."))
       << "</li>\n"
       << "<li><strong>Readers differ.</strong> Two experts who contour the same tumours on whole-body MRI agree with "
          "a Dice "
       << "coefficient of about 0.6 to 0.7. The contours here come from "
       << (result.imported ? Markup("others") : Markup("one network and the clicks shown"))
       << "; look at them before a volume is used.</li>\n";
  if (result.unprompted_voxels > 0) {
    html << "<li><strong>Not marked is not absent.</strong> The network also sees "
         << Text{VolumeDigits(result.unprompted_ml)}
         << " mL that no click reaches. It may be tumour or something as bright; "
         << "it is in unprompted.nii.gz and in no volume above.</li>\n";
  }
  if (!HasHistory(result)) {
    html << "<li><strong>No history.</strong> "
         << (result.study.has_manifest
                 ? Markup("Nothing in this study names both its patient and its date")
                 : Markup("The study came without study.json or headers that name its patient and "
                          "its date"))
         << ", so it can not be set beside an earlier or later one.</li>\n";
  }
  html << "</ul>\n</section>\n";
  return html;
}

}  // namespace dinsd

// dins-train: trains a network on cases that `dins prepare` made. Needs neither ITK nor DCMTK.
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "daemon/train/train_config.h"
#include "model/device.h"
#include "model/train/loss_picture.h"
#include "model/train/trainer.h"

namespace {

volatile std::sig_atomic_t stop_requested = 0;

void RequestStop(int) {
  stop_requested = 1;
}

bool Print(const dinsd::TrainingProgress& p) {
  std::printf("step %lld of %lld  loss %.4f  rate %.2e  %.0f min left\n", static_cast<long long>(p.step),
              static_cast<long long>(p.of), p.loss, p.learning_rate, p.seconds_left / 60);
  if (p.validation != nullptr) {
    std::printf("  chosen cases: mean DSC after 1, 5, 10 clicks %.3f %.3f %.3f\n", p.validation->after1,
                p.validation->after5, p.validation->after10);
    if (p.validation->lesions) std::printf("  chosen cases: mean DSC of a lesion %.3f\n", *p.validation->lesions);
  }
  std::fflush(stdout);
  return stop_requested == 0;
}

int Run(const std::string& config_file, const std::string& cases, const std::string& out) {
  dinsd::TrainConfig config = dinsd::ReadTrainConfig(config_file);
  const dinsd::ChosenDevice device = dinsd::ChooseDevice(config.options.device);
  config.options.device = device.name;
  std::printf("device %s (%s)\n", device.name.c_str(), device.reason.c_str());
  dinsd::Train(config.options, dinsd::ReadCases(cases), config.manifest, out, Print);
  dinsd::DrawTraining(std::filesystem::path(out) / "log.csv", std::filesystem::path(out) / "log.svg");
  return 0;
}

int Main(int argc, char** argv) {
  std::string config, cases, out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string word = argv[i];
    if (word == "--config") config = argv[i + 1];
    if (word == "--cases") cases = argv[i + 1];
    if (word == "--out") out = argv[i + 1];
  }
  if (config.empty() || cases.empty() || out.empty() || argc != 7) {
    std::fprintf(stderr, "usage: dins-train --config FILE --cases DIR --out DIR\n");
    return 2;
  }
  (void)std::signal(SIGTERM, RequestStop);
  (void)std::signal(SIGINT, RequestStop);
  return Run(config, cases, out);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dins-train: %s\n", error.what());
    return 1;
  }
}

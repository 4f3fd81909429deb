#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "config/settings.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// A certificate authority of one test, with keys that live no longer than it. Made by the program openssl.
class Certificates {
 public:
  explicit Certificates(const std::string& name = "authority") : name_(name) {
    Run("req -x509 " + kNewKey + " -days 2 -subj /CN=" + name + Out(name, "crt") + KeyOut(name));
  }

  static bool HasTool() { return std::system("openssl version > /dev/null 2>&1") == 0; }

  /// The files of one end, whose certificate is signed for `days` days from now; with -1 it has expired.
  [[nodiscard]] TlsSettings Of(const std::string& end, int days = 1) const {
    Run("req -new " + kNewKey + " -subj /CN=" + end + Out(end, "csr") + KeyOut(end));
    Run("x509 -req -in " + File(end, "csr") + " -CA " + File(name_, "crt") + " -CAkey " + File(name_, "key") +
        " -CAcreateserial -days " + std::to_string(days) + Out(end, "crt"));
    return {true, File(end, "crt"), File(end, "key"), authority()};
  }

  /// The certificate that has signed them.
  [[nodiscard]] std::filesystem::path authority() const { return File(name_, "crt"); }

  [[nodiscard]] std::string File(const std::string& name, const std::string& extension) const {
    return (folder_.path() / (name + "." + extension)).string();
  }

  static void Run(const std::string& arguments) {
    const std::string command = "openssl " + arguments + " > /dev/null 2>&1";
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  }

 private:
  [[nodiscard]] std::string Out(const std::string& name, const std::string& extension) const {
    return " -out " + File(name, extension);
  }
  [[nodiscard]] std::string KeyOut(const std::string& name) const { return " -keyout " + File(name, "key"); }

  inline static const std::string kNewKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

  std::string name_;
  TempFolder folder_;
};

}  // namespace dinsd

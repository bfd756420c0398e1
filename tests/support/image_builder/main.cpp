#include <getopt.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "tests/support/image_builder/image_builder.hpp"

/// build_image: writes an application image for trying out updates.

namespace {

using fuota::test::ImageOptions;

constexpr char kHelp[] =
    "Usage: build_image --out FILE [OPTION]...\n"
    "Writes an ESP32 application image that bootloaders accept; it holds noise instead of code.\n"
    "\n"
    "  --out FILE           where to write it\n"
    "  --version TEXT       version in its description (default 0.1.0)\n"
    "  --project TEXT       project name in its description (default esp32-fuota)\n"
    "  --idf-version TEXT   ESP-IDF version in its description (default v5.5.5)\n"
    "  --chip NAME          esp32, esp32s2, esp32c3, esp32s3, esp32c2, esp32c6, esp32h2\n"
    "                       (default esp32)\n"
    "  --size BYTES         of the file, a multiple of 16 (default 816384)\n"
    "  --seed NUMBER        another noise (default 1)\n"
    "  --help               this text\n";

enum Flag { out = 1, version, project, idf_version, chip, size, seed, help };

constexpr option kFlags[] = {
    {"out", required_argument, nullptr, out},
    {"version", required_argument, nullptr, version},
    {"project", required_argument, nullptr, project},
    {"idf-version", required_argument, nullptr, idf_version},
    {"chip", required_argument, nullptr, chip},
    {"size", required_argument, nullptr, size},
    {"seed", required_argument, nullptr, seed},
    {"help", no_argument, nullptr, help},
    {},
};

struct Arguments {
  ImageOptions image;
  std::string path;
  bool help = false;
};

template <class Number>
bool parse(const char* text, Number& number) {
  const char* end = text + std::strlen(text);
  const auto [rest, code] = std::from_chars(text, end, number);
  return code == std::errc() && rest == end && rest != text;
}

/// False when the value is not one, or the flag is not known.
bool apply(int flag, const char* value, Arguments& arguments) {
  switch (flag) {
    case out:
      arguments.path = value;
      return true;
    case version:
      arguments.image.version = value;
      return true;
    case project:
      arguments.image.project = value;
      return true;
    case idf_version:
      arguments.image.idf_version = value;
      return true;
    case chip:
      arguments.image.chip = value;
      return true;
    case size:
      return parse(value, arguments.image.size_bytes);
    case seed:
      return parse(value, arguments.image.seed);
    case help:
      arguments.help = true;
      return true;
    default:
      return false;
  }
}

bool read_arguments(int argc, char** argv, Arguments& arguments) {
  int flag = 0;
  while ((flag = getopt_long(argc, argv, "", kFlags, nullptr)) != -1) {
    if (!apply(flag, optarg, arguments)) return false;
  }
  return optind == argc && (arguments.help || !arguments.path.empty());
}

bool write(const std::string& path, const fuota::test::Image& image) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(image.data()),
             static_cast<std::streamsize>(image.size()));
  file.close();
  return static_cast<bool>(file);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!read_arguments(argc, argv, arguments)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  if (arguments.help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (const std::string reason = why_not_an_image(arguments.image); !reason.empty()) {
    std::fprintf(stderr, "build_image: %s\n", reason.c_str());
    return 2;
  }
  if (!write(arguments.path, build_image(arguments.image))) {
    std::fprintf(stderr, "build_image: can't write %s\n", arguments.path.c_str());
    return 1;
  }
  return 0;
}

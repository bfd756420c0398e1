// record_seeds <folder>: writes a good record of each kind that a device keeps in NVS to
// <folder>/<kind>/good, for the fuzz targets to go on from.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "report_record.hpp"
#include "resume_record.hpp"
#include "root_record.hpp"
#include "trial_record.hpp"

namespace fuota::test {
namespace {

using namespace fuota::update;

UpdateSubject subject() {
  UpdateSubject subject;
  (void)subject.deployment.assign("PGXv1bAYj4nTfSJ1c7uLEg");
  (void)subject.version.assign("0.1.1");
  subject.file.fill(0xF0);
  return subject;
}

TrialRecord trial() {
  TrialRecord record;
  record.slot = 0x11;
  record.trials = 1;
  record.update = subject();
  return record;
}

ResumeRecord resume() {
  ResumeRecord record;
  record.file_bytes = 816'384;
  record.slot_offset = 0x190000;
  record.written_bytes = kJournalStepBytes;
  return record;
}

ReleasePolicy root() {
  ReleasePolicy policy;
  policy.version = 1;
  policy.key_count = 2;
  policy.threshold = 2;
  policy.keys[1].key.point.fill(1);
  return policy;
}

protocol::UpdateReport report() {
  protocol::UpdateReport report;
  report.sequence = 1;
  report.state = protocol::ReportState::failed;
  report.deployment = subject().deployment;
  report.version = subject().version;
  (void)report.code.assign("hash");
  return report;
}

bool write(const std::filesystem::path& folder, const char* kind,
           std::span<const std::uint8_t> bytes) {
  std::filesystem::create_directories(folder / kind);
  std::ofstream file(folder / kind / "good", std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return static_cast<bool>(file.flush());
}

bool write_all(const std::filesystem::path& folder) {
  ReportRecordBytes bytes{};
  const std::size_t length = encode(report(), bytes);
  return write(folder, "trial_record", encode(trial())) &&
         write(folder, "resume_record", encode(resume())) &&
         write(folder, "root_record", encode(root())) &&
         write(folder, "report_record", std::span(bytes).first(length));
}

}  // namespace
}  // namespace fuota::test

int main(int argc, char** argv) {
  if (argc == 2 && fuota::test::write_all(argv[1])) return 0;
  std::fprintf(stderr, "record_seeds: name one folder that can be written to\n");
  return 1;
}

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <string>

#include "cli/fleet_command.hpp"
#include "cli/key_commands.hpp"
#include "cli/release_commands.hpp"
#include "cli/root_commands.hpp"

namespace fuota::cli {
namespace {

constexpr char kDescription[] =
    "Makes release keys, signs firmware with them, and puts a server under load.\n"
    "\n"
    "Try it:\n"
    "  fuota key new --out release.pem\n"
    "  fuota release sign --image app.bin --key release.pem\n"
    "  fuota release verify --image app.bin --key \"$(fuota key public --key release.pem | head "
    "-1)\"\n"
    "Then upload the image and its manifest:\n"
    "  curl ... -T app.bin               https://updates.example.org:50000/files/app.bin\n"
    "  curl ... -T app.bin.manifest.json https://updates.example.org:50000/files/app.bin/manifest\n"
    "Keep release.pem secret, off the server, and a copy in a safe place: who has it decides what\n"
    "runs on the devices.";

/// A command that was parsed, to be run once all is known to be well-formed.
using Action = std::function<Result<std::string>()>;

CLI::App* add_group(CLI::App& app, const char* name, const char* help) {
  CLI::App* const group = app.add_subcommand(name, help);
  group->require_subcommand(1);
  return group;
}

void add_key_commands(CLI::App& app, Action& action) {
  CLI::App* const group = add_group(app, "key", "Make and look at release keys");

  auto* const create = group->add_subcommand("new", "Make a release key");
  auto new_options = std::make_shared<NewKeyOptions>();
  create->add_option("--out", new_options->out, "Where to write the private key; not there yet")
      ->type_name("FILE")
      ->required();
  create->footer("Prints the public key, which devices are given, and on a second line its id.");
  create->callback([&action, new_options] { action = [=] { return new_key(*new_options); }; });

  auto* const show = group->add_subcommand("public", "Print the public key of a release key");
  auto public_options = std::make_shared<PublicKeyOptions>();
  show->add_option("--key", public_options->key, "The private key")->type_name("FILE")->required();
  show->add_flag("--pem", public_options->pem, "In PEM, for other programs");
  show->footer("Prints the public key, which devices are given, and on a second line its id.");
  show->callback(
      [&action, public_options] { action = [=] { return public_key(*public_options); }; });
}

void add_sign(CLI::App& group, Action& action) {
  auto* const sign = group.add_subcommand("sign", "Sign an image, or add a signature");
  auto options = std::make_shared<SignOptions>();
  sign->add_option("--image", options->image, "The application's .bin")
      ->type_name("FILE")
      ->required();
  sign->add_option("--key", options->key, "The private key")->type_name("FILE")->required();
  sign->add_option("--counter", options->counter,
                   "Security counter: devices refuse a lower one than the highest they confirmed."
                   " Default: the image's secure_version")
      ->check(CLI::Range(std::uint32_t{0}, std::numeric_limits<std::uint32_t>::max()))
      ->type_name("N");
  sign->add_option("--manifest", options->manifest,
                   "The manifest to write or extend. Default: IMAGE.manifest.json")
      ->type_name("FILE");
  sign->footer(
      "Product, version and chip are those of the image's own descriptor. When the manifest is\n"
      "there, it must be about this image; a signature is added to it.");
  sign->callback([&action, options] { action = [=] { return sign_release(*options); }; });
}

void add_verify(CLI::App& group, Action& action) {
  auto* const verify = group.add_subcommand("verify", "Verify a signed image, as a device does");
  auto options = std::make_shared<VerifyOptions>();
  verify->add_option("--image", options->image, "The application's .bin")
      ->type_name("FILE")
      ->required();
  verify
      ->add_option("--manifest", options->manifest,
                   "The signed manifest. Default: IMAGE.manifest.json")
      ->type_name("FILE");
  verify
      ->add_option("--key", options->keys,
                   "A public key that is trusted: its line, or a file with the line or PEM."
                   " May be repeated")
      ->type_name("KEY")
      ->allow_extra_args(false)
      ->required();
  verify->add_option("--threshold", options->threshold, "How many different keys must have signed")
      ->type_name("K")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  verify->callback([&action, options] { action = [=] { return verify_release_files(*options); }; });
}

CLI::Option* add_document(CLI::App& command, std::string& document) {
  return command.add_option("--document", document, "The signed root document")->type_name("FILE");
}

/// Options of both ways to sign.
struct RootSigning {
  NewRootOptions made;
  SignRootOptions present;
};

void add_root_sign(CLI::App& group, Action& action) {
  auto* const sign = group.add_subcommand("sign", "Make and sign a root document, or sign one");
  auto options = std::make_shared<RootSigning>();
  auto* const version =
      sign->add_option(
              "--version", options->made.version,
              "The new document's version: one more than that of the document before, and 1"
              " for the first")
          ->type_name("N")
          ->check(CLI::Range(std::uint32_t{1}, std::numeric_limits<std::uint32_t>::max()));
  auto* const threshold = sign->add_option("--threshold", options->made.threshold,
                                           "How many different keys must sign from then on")
                              ->type_name("K")
                              ->check(CLI::Range(1, 4));
  auto* const trust = sign->add_option("--trust", options->made.trusted_keys,
                                       "A public key that is trusted from then on: its line, or a"
                                       " file with the line or PEM. May be repeated, up to 4 keys")
                          ->type_name("KEY")
                          ->allow_extra_args(false);
  sign->add_option("--key", options->made.key, "The private key")->type_name("FILE")->required();
  auto* const out = sign->add_option("--out", options->made.out,
                                     "Where to write a new document. Default: root.N.json")
                        ->type_name("FILE");
  auto* const document = add_document(*sign, options->present.document);
  for (auto* const option : {version, threshold, trust, out}) document->excludes(option);
  sign->footer(
      "Without --document, makes one; when the file is there, it must be the same one, and a\n"
      "signature is added to it. Devices take it when it is signed by as many of the keys that\n"
      "they trust as those ask for, and by as many of the keys that it names as it asks for.");
  sign->callback([=, &action] {
    if (*document) {
      options->present.key = options->made.key;
      action = [=] { return sign_present_root(options->present); };
      return;
    }
    for (const auto* const option : {version, threshold, trust}) {
      if (option->count() == 0) throw CLI::RequiredError("--document, or " + option->get_name());
    }
    action = [=] { return sign_new_root(options->made); };
  });
}

void add_root_verify(CLI::App& group, Action& action) {
  auto* const verify = group.add_subcommand("verify", "Verify a root document, as a device does");
  auto options = std::make_shared<VerifyRootOptions>();
  add_document(*verify, options->document)->required();
  verify
      ->add_option("--key", options->keys,
                   "A public key that the device trusts now: its line, or a file with the line or"
                   " PEM. May be repeated")
      ->type_name("KEY")
      ->allow_extra_args(false)
      ->required();
  verify
      ->add_option("--threshold", options->threshold,
                   "How many different ones of these must have signed")
      ->type_name("K")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  verify
      ->add_option("--version", options->version,
                   "The version of the root document that the device trusts now; 0: it has the keys"
                   " that it was built or provisioned with")
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{0}, std::numeric_limits<std::uint32_t>::max()))
      ->capture_default_str();
  verify->callback([&action, options] { action = [=] { return verify_root_file(*options); }; });
}

void add_root_show(CLI::App& group, Action& action) {
  auto* const show = group.add_subcommand("show", "Print what a root document says");
  auto options = std::make_shared<ShowRootOptions>();
  add_document(*show, options->document)->required();
  show->footer("Prints its keys with their ids, and whose signatures it has.");
  show->callback([&action, options] { action = [=] { return show_root(*options); }; });
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app(kDescription, "fuota");
  app.set_version_flag("--version", std::string(FUOTA_VERSION));
  app.require_subcommand(1);
  app.footer("Exit status: 0 done, 1 failed or not to be trusted, 2 wrong arguments.");
  Action action;
  add_key_commands(app, action);
  CLI::App* const release = add_group(app, "release", "Sign and verify firmware");
  add_sign(*release, action);
  add_verify(*release, action);
  CLI::App* const root = add_group(app, "root", "Say which release keys devices trust from now on");
  add_root_sign(*root, action);
  add_root_verify(*root, action);
  add_root_show(*root, action);
  add_simulate_commands(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  const Result<std::string> result = action();
  if (!result) {
    std::cerr << "fuota: " << result.error().line << "\n";
    return kFailed;
  }
  std::cout << *result << std::flush;
  return std::cout ? kDone : kFailed;
}

}  // namespace fuota::cli

// Feeding of the digest.
#include <embedloom/base/sha256.h>
#include <embedloom/run/fingerprint.h>

namespace embedloom::run {

std::string fingerprint_of(const config::Spec& spec, const Stages& stages) {
    base::Sha256 digest;
    digest.update(config::to_canonical_text(spec, config::Part::rows_only));
    for (const host::UsedFile& file : stages.services.files)
        digest.update("\n" + file.stage + " " + std::to_string(file.bytes) + " " + file.digest);
    for (const host::SourceFile& file : stages.source->extent().files)
        digest.update("\nsource " + std::to_string(file.bytes) + " " + file.digest);
    return digest.finish_hex();
}

}  // namespace embedloom::run

#include "assay/pii/registry.h"

#include <algorithm>
#include <map>
#include <string>

#include "assay/pii/find.h"
#include "assay/pii/free.h"
#include "assay/pii/list.h"
#include "base/text.h"

namespace bulwark::assay::pii {
namespace {

struct Alias {
  std::string_view name, id;
};
// What specifications and people call them.
constexpr Alias kAliases[] = {
    {"aadhaar", "in_aadhaar"},
    {"aba", "us_aba"},
    {"abn", "au_abn"},
    {"ae", "ae_emirates_id"},
    {"afm", "gr_afm"},
    {"ahv", "ch_ahv"},
    {"amka", "gr_amka"},
    {"ar", "ar_cuit"},
    {"at", "at_svnr"},
    {"be", "be_nrn"},
    {"bg", "bg_egn"},
    {"bsn", "nl_bsn"},
    {"btc", "bitcoin"},
    {"ch", "ch_ahv"},
    {"cif", "es_cif"},
    {"cl", "cl_rut"},
    {"cn", "cn_resident_id"},
    {"cnp", "ro_cnp"},
    {"cnpj", "br_cnpj"},
    {"co", "co_nit"},
    {"codicefiscale", "it_codice_fiscale"},
    {"cf", "it_codice_fiscale"},
    {"cpf", "br_cpf"},
    {"cpr", "dk_cpr"},
    {"creditcard", "pan"},
    {"cuit", "ar_cuit"},
    {"curp", "mx_curp"},
    {"cz", "cz_sk_rodne_cislo"},
    {"dea", "us_dea"},
    {"deidnr", "de_idnr"},
    {"depa", "de_identity_card"},
    {"derv", "de_rvnr"},
    {"dervnr", "de_rvnr"},
    {"dk", "dk_cpr"},
    {"dni", "es_nif"},
    {"ee", "ee_lt_personal_code"},
    {"egn", "bg_egn"},
    {"ein", "us_ein"},
    {"es", "es_nif"},
    {"eth", "ethereum"},
    {"fi", "fi_hetu"},
    {"fr", "fr_nir"},
    {"gr", "gr_amka"},
    {"hetu", "fi_hetu"},
    {"hr", "hr_oib"},
    {"idnr", "de_idnr"},
    {"ie", "ie_pps"},
    {"ie2", "ie_pps"},
    {"il", "il_id"},
    {"ird", "nz_ird"},
    {"is", "is_kennitala"},
    {"itcf", "it_codice_fiscale"},
    {"itin", "us_itin"},
    {"itpiva", "it_partita_iva"},
    {"jp", "jp_my_number"},
    {"kr", "kr_rrn"},
    {"lt", "ee_lt_personal_code"},
    {"lv", "lv_personal_code"},
    {"mbi", "us_mbi"},
    {"medicare", "au_medicare"},
    {"mynumber", "jp_my_number"},
    {"nhs", "uk_nhs"},
    {"nie", "es_nie"},
    {"nif", "es_nif"},
    {"nino", "uk_nino"},
    {"nip", "pl_nip"},
    {"nir", "fr_nir"},
    {"no", "no_fnr"},
    {"npi", "us_npi"},
    {"nric", "sg_nric"},
    {"oib", "hr_oib"},
    {"pesel", "pl_pesel"},
    {"piva", "it_partita_iva"},
    {"pps", "ie_pps"},
    {"pt", "pt_nif"},
    {"rfc", "mx_rfc"},
    {"ro", "ro_cnp"},
    {"rrn", "kr_rrn"},
    {"rut", "cl_rut"},
    {"se", "se_personnummer"},
    {"sg", "sg_nric"},
    {"sin", "ca_sin"},
    {"sk", "cz_sk_rodne_cislo"},
    {"ssn", "us_ssn"},
    {"steuerid", "de_idnr"},
    {"svnr", "at_svnr"},
    {"tckn", "tr_tckn"},
    {"tfn", "au_tfn"},
    {"th", "th_id"},
    {"tr", "tr_tckn"},
    {"tw", "tw_id"},
    {"utr", "uk_utr"},
    {"za", "za_id"},
    {"detaxid", "de_idnr"},
    {"inpan", "in_pan"},
    {"indianpan", "in_pan"},
    {"mx", "mx_curp"},
    {"ec", "ec_cedula"},
    {"uy", "uy_ci"},
    {"pe", "pe_ruc"},
    {"ua", "ua_rntrc"},
    {"snils", "ru_snils"},
    {"inn", "ru_inn"},
    {"hu", "hu_taj"},
    {"lu", "lu_nin"},
    {"emso", "jmbg"},
    {"au", "au_tfn"},
    {"nz", "nz_ird"},
    {"br", "br_cpf"},
    {"nl", "nl_bsn"},
    {"in", "in_aadhaar"},
    {"de", "de_idnr"},
    {"swift", "bic"},
    {"card", "pan"},
    {"pl", "pl_pesel"},
};

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

Registry build() {
  Registry registry;
  const auto& all = recognisers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    registry.layouts.push_back(layouts_of(all[i]->layouts));
    if (all[i]->only_named) {
      registry.only_named.add(i);
    } else {
      registry.tree.add(static_cast<KindIndex>(i), *all[i]);
    }
    const Family family = all[i]->family;
    if (family == Family::NationalId || family == Family::Payment || family == Family::Health ||
        family == Family::Device || family == Family::Vehicle)
      registry.coded.add(i);
  }
  registry.tree.finish();
  for (std::size_t size = 0; size < registry.likely_digits.size(); ++size)
    if (const LayoutTree::Node* node = registry.tree.start(size); node != nullptr)
      for (const LayoutTree::Leaf& leaf : registry.tree.leaves(*node))
        registry.likely_digits[size] |= leaf.likely && leaf.letters == 0;
  registry.pan = index_of("pan");
  registry.track = index_of("card_track");
  registry.iban = index_of("iban");
  registry.bic = index_of("bic");
  registry.email = index_of("email");
  registry.phone = index_of("phone");
  registry.fax = index_of("fax");
  registry.url = index_of("url");
  registry.ipv4 = index_of("ipv4");
  registry.ipv6 = index_of("ipv6");
  registry.mac = index_of("mac");
  registry.bitcoin = index_of("bitcoin");
  registry.ethereum = index_of("ethereum");
  registry.coordinates = index_of("coordinates");
  registry.mrz = index_of("mrz");
  registry.person = index_of("person_name");
  registry.address = index_of("postal_address");
  registry.special = index_of("special_category");
  registry.biometric = index_of("biometric");
  registry.age = index_of("age");
  registry.date_of_birth = index_of("date_of_birth");
  registry.plate = index_of("licence_plate");
  return registry;
}

}  // namespace

const std::vector<const Recogniser*>& recognisers() {
  static const std::vector<const Recogniser*> kAll = [] {
    std::vector<const Recogniser*> all;
#define BW_ADD(group) \
  for (const Recogniser& kind : groups::group()) all.push_back(&kind);
    BULWARK_PII_GROUPS(BW_ADD)
#undef BW_ADD
    return all;
  }();
  return kAll;
}

KindIndex index_of(std::string_view id) {
  const auto& all = recognisers();
  const auto found = std::ranges::find(all, id, &Recogniser::id);
  return found == all.end() ? kNoKind : static_cast<KindIndex>(found - all.begin());
}

const Recogniser* recogniser(std::string_view id) {
  const auto& all = recognisers();
  if (const KindIndex index = index_of(id); index != kNoKind) return all[index];
  const std::string name = plain(id);
  for (const Recogniser* kind : all)
    if (plain(kind->id) == name) return kind;
  const auto* alias = std::ranges::find(kAliases, std::string_view(name), &Alias::name);
  return alias == std::end(kAliases) ? nullptr : all[index_of(alias->id)];
}

const Registry& Registry::get() {
  static const Registry kRegistry = build();
  return kRegistry;
}

// Separators are the writer's choice here: only letters and digits have to fit one of the layouts.
std::optional<Verdict> classify(std::string_view id, std::string_view value) {
  if (plain(id) == "mrz") return judge_free("mrz", value);
  const Recogniser* kind = recogniser(id);
  if (kind == nullptr) return std::nullopt;
  if (kind->check == nullptr && kind->layouts.empty()) return judge_free(kind->id, trim(value));
  const Code code = code_of(value);
  bool fitting = kind->layouts.empty() && code.size > 0;
  for (const Layout& layout : Registry::get().layouts[index_of(kind->id)]) {
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < 8; ++i) size += layout.shape >> (8 * i) & 31;
    fitting = fitting || (size == code.size && (code.letters & layout.letters) == layout.letters &&
                          (code.letters & layout.digits) == 0);
  }
  if (!fitting) return Verdict::No;
  return kind->check == nullptr ? Verdict::Match : kind->check(code);
}

}  // namespace bulwark::assay::pii

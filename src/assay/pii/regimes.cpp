#include "assay/pii/regimes.h"

namespace bulwark::assay::pii {
namespace {

constexpr std::string_view kNational =
    "us_ssn us_itin ca_sin uk_nhs uk_nino fr_nir de_idnr de_rvnr de_identity_card hr_oib it_codice_fiscale "
    "es_nif es_nie "
    "nl_bsn be_nrn pl_pesel fi_hetu no_fnr dk_cpr se_personnummer ch_ahv at_svnr pt_nif ie_pps "
    "cz_sk_rodne_cislo ro_cnp "
    "bg_egn gr_amka gr_afm hu_taj hu_tax jmbg ee_lt_personal_code lv_personal_code is_kennitala lu_nin "
    "ua_rntrc ru_inn "
    "ru_snils br_cpf ar_cuit cl_rut mx_curp mx_rfc co_nit pe_ruc ec_cedula uy_ci in_aadhaar in_pan "
    "cn_resident_id kr_rrn "
    "jp_my_number sg_nric th_id au_tfn nz_ird il_id za_id tr_tckn tw_id my_nric id_nik pk_cnic "
    "eg_national_id "
    "ae_emirates_id sa_id";

// 45 CFR 164.514(b)(2)(i), A to R.
constexpr RegimeItem kHipaa[] = {
    {"names", "person_name", "names outside the gazetteer and without a title are missed"},
    {"geographic units smaller than a state", "postal_address postcode uk_postcode ca_postcode coordinates",
     "the population of a three-digit ZIP area is not checked"},
    {"dates except the year, ages over 89", "date_of_birth date age", ""},
    {"telephone numbers", "phone", ""},
    {"fax numbers", "fax", "found beside the word; else counted as telephone numbers"},
    {"e-mail addresses", "email", ""},
    {"Social Security numbers", "us_ssn us_itin", ""},
    {"medical record numbers", "medical_record",
     "only beside their name: every hospital has a form of its own"},
    {"health plan beneficiary numbers", "health_plan us_mbi au_medicare uk_nhs",
     "private plans only beside their name"},
    {"account numbers", "bank_account iban pan", ""},
    {"certificate and licence numbers", "driving_licence uk_driving_licence passport us_dea us_npi", ""},
    {"vehicle identifiers and licence plates", "vin licence_plate", "plates only beside their name"},
    {"device identifiers and serial numbers", "imei iccid mac uuid udi serial_number", ""},
    {"web addresses", "url", ""},
    {"IP addresses", "ipv4 ipv6", ""},
    {"biometric identifiers", "biometric", "by the column's name only"},
    {"full-face photographs", "", "pictures are not looked into"},
    {"any other unique number, characteristic or code", kNational,
     "codes of an organisation's own are not known to us"},
};

// PCI DSS v4.0.1, table 2: account data.
constexpr RegimeItem kPci[] = {
    {"primary account number (PAN)", "pan", ""},
    {"cardholder name", "person_name", "counts where card numbers are in the same data set"},
    {"expiration date", "card_expiry", "only beside its name"},
    {"service code", "", "three digits; seen as part of a track only"},
    {"full track data", "card_track", ""},
    {"card verification code", "card_cvv", "only beside its name"},
    {"PIN or PIN block", "pin_block", "a PIN alone is four digits; blocks only beside their name"},
};

// Regulation (EU) 2016/679.
constexpr RegimeItem kGdpr[] = {
    {"identity: names (art. 4(1))", "person_name", "as under HIPAA"},
    {"identification numbers (art. 4(1), 87)", kNational, ""},
    {"identity documents", "passport driving_licence uk_driving_licence mrz", ""},
    {"contact details", "email phone fax postal_address", ""},
    {"location data (art. 4(1))", "coordinates postal_address postcode uk_postcode ca_postcode", ""},
    {"online identifiers (recital 30)", "ipv4 ipv6 mac uuid imei iccid",
     "cookies and fingerprints of browsers are not known by form"},
    {"financial data", "pan iban bank_account bitcoin ethereum", ""},
    {"birth and age", "date_of_birth age", ""},
    {"health data (art. 9)",
     "icd10 medical_record health_plan uk_nhs ndc us_mbi au_medicare special_category",
     "words need a person's judgement"},
    {"genetic and biometric data (art. 9)", "biometric", "by the column's name only"},
    {"origin, opinions, beliefs, union membership, sex life (art. 9)", "special_category",
     "words of a lexicon; a person has to judge them"},
    {"criminal convictions (art. 10)", "", "no lexicon for them"},
    {"children (art. 8)", "", "needs ages of the people, not of the cells"},
};

constexpr Regime kRegimes[] = {
    {.key = "hipaa", .title = "HIPAA Safe Harbor, 45 CFR 164.514(b)(2)", .items = kHipaa},
    {.key = "pci", .title = "PCI DSS account data", .items = kPci},
    {.key = "gdpr", .title = "GDPR", .items = kGdpr},
};

}  // namespace

std::span<const Regime> regimes() {
  return kRegimes;
}

}  // namespace bulwark::assay::pii

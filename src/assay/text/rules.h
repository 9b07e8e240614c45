#pragma once
// The rules of text and retrieval corpora; their texts are in rules.cpp.

#include "core/rule.h"

namespace bulwark::assay {

extern const Rule kDocumentInstructions;
extern const Rule kDocumentHiddenText;
extern const Rule kDocumentHiddenCharacters;
extern const Rule kDocumentForgedMarks;
extern const Rule kRetrievalBait;
extern const Rule kDocumentExfiltration;
extern const Rule kDocumentSecret;
extern const Rule kDocumentFlood;

}  // namespace bulwark::assay

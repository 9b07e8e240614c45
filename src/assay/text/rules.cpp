#include "assay/text/rules.h"

#include <array>

#include "assay/rules.h"

namespace bulwark::assay {

const Rule kDocumentInstructions{
    .id = "BW-TEXT-001",
    .title = "documents give orders to the model that will read them",
    .severity = Severity::High,
    .atlas = "AML.T0051.001 AML.T0070",
    .why =
        "What is retrieved stands in the context beside the user's question: an order in it is followed "
        "with the user's rights, by everybody whose question finds the document.",
    .fix =
        "Leave the rows out of the index, look at everything else of their source, and pass documents to "
        "the model only between marks that they cannot forge.",
    .controls = "DA-RAG"};
const Rule kDocumentHiddenText{
    .id = "BW-TEXT-002",
    .title = "documents hold text that no reader sees",
    .severity = Severity::High,
    .atlas = "AML.T0051.001 AML.T0070",
    .why = "Styles hide it from people, and text extraction hands it to the model all the same.",
    .fix = "Index what is rendered; ask the source why it hides text.",
    .controls = "DA-RAG"};
const Rule kDocumentHiddenCharacters{
    .id = "BW-TEXT-003",
    .title = "documents hold characters that nobody sees",
    .severity = Severity::High,
    .atlas = "AML.T0051.001 AML.T0070",
    .why = "Tags, selectors and zero-width characters spell words for a model and nothing for a person.",
    .fix = "Strip the characters before indexing (as_one_chunk does), and hold the source.",
    .controls = "DA-RAG"};
const Rule kDocumentForgedMarks{
    .id = "BW-TEXT-004",
    .title = "documents forge the marks of conversations, chunks or tools",
    .severity = Severity::High,
    .atlas = "AML.T0051.001 AML.T0071",
    .why =
        "Behind a forged end of the document its next words seem to come from the system, a tool or "
        "another source.",
    .fix = "Escape such marks when a document becomes part of a prompt; hold the rows.",
    .controls = "DA-RAG"};
const Rule kRetrievalBait{
    .id = "BW-TEXT-005",
    .title = "documents are made to be found",
    .severity = Severity::Medium,
    .atlas = "AML.T0066 AML.T0070",
    .why =
        "Repeated questions and stuffed keywords put a document above honest ones for the questions that "
        "its author chose.",
    .fix = "Leave the rows out, cap what one source may contribute to an answer.",
    .controls = "DA-RAG"};
const Rule kDocumentExfiltration{
    .id = "BW-TEXT-006",
    .title = "documents carry addresses that are to be filled with data",
    .severity = Severity::High,
    .atlas = "AML.T0051.001 AML.T0070",
    .why =
        "A picture or link whose address the model completes sends the conversation away as soon as it is "
        "rendered.",
    .fix = "Leave the rows out, and let the client load pictures from its own hosts only.",
    .controls = "DA-RAG"};
const Rule kDocumentSecret{.id = "BW-TEXT-007",
                           .title = "documents hold credentials",
                           .severity = Severity::High,
                           .atlas = "AML.T0055 AML.T0057",
                           .why = "A model repeats what it has learnt or retrieved to whoever asks.",
                           .fix = "Revoke the credentials, then take them out of the corpus.",
                           .controls = "DA-RAG"};
const Rule kDocumentFlood{
    .id = "BW-TEXT-008",
    .title = "one source floods the corpus with copies",
    .severity = Severity::Medium,
    .atlas = "AML.T0070 AML.T0020",
    .why =
        "Near copies fill the places of a retrieval with one opinion, and weigh in training as often as "
        "they occur.",
    .fix = "Keep one of each group of copies and cap what a source may add.",
    .controls = "DA-RAG"};

std::span<const Rule* const> text_rules() {
  static constexpr std::array<const Rule*, 8> kAll = {
      &kDocumentInstructions, &kDocumentHiddenText,   &kDocumentHiddenCharacters, &kDocumentForgedMarks,
      &kRetrievalBait,        &kDocumentExfiltration, &kDocumentSecret,           &kDocumentFlood};
  return kAll;
}

}  // namespace bulwark::assay
